// What the user can mend by other arguments.

/** The arguments can't be followed; the message is for the user. */
export class UsageError extends SyntaxError {}
