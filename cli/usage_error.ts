/** The arguments are invalid. The message is shown to the user. */
export class UsageError extends SyntaxError {}
