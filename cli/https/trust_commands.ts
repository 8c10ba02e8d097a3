// The commands that make this machine trust an authority, and those that undo it, as plain data. Pure.

/** What decides on the commands. */
export interface TrustFacts {
  /** The operating system. */
  readonly os: string;
  /** The command that runs another one as root; none if that is not necessary. */
  readonly elevate: readonly string[];
  /** The user's home directory. */
  readonly home: string;
  /** The file of the authority's certificate (PEM). */
  readonly certificate: string;
  /** The common name of the authority. */
  readonly name: string;
  /** A short text that differs between authorities, for the name of a file. */
  readonly id: string;
  /** The directory for certificates that exists, one of `ANCHORS`. */
  readonly anchors: string | undefined;
  /** Whether NSS's `certutil` is installed. */
  readonly hasCertutil: boolean;
  /** The NSS databases of browsers that exist: their directories. */
  readonly databases: readonly string[];
}

/** Commands that belong together: if one fails, those after it are not run. */
export interface TrustStep {
  /** What will trust the authority. */
  readonly what: string;
  /** Each a program and its arguments. */
  readonly commands: readonly (readonly string[])[];
  /** The commands that undo them. */
  readonly undo: readonly (readonly string[])[];
}

/** The directories for the system's certificates, and the commands that read and reread them. */
export const ANCHORS: Readonly<
  Record<
    string,
    { readonly add: readonly string[]; readonly remove: readonly string[] }
  >
> = {
  // Fedora, RHEL
  "/etc/pki/ca-trust/source/anchors": {
    add: ["update-ca-trust", "extract"],
    remove: ["update-ca-trust", "extract"],
  },
  // Debian, Ubuntu, Alpine
  "/usr/local/share/ca-certificates": {
    add: ["update-ca-certificates"],
    remove: ["update-ca-certificates", "--fresh"],
  },
  // Arch
  "/etc/ca-certificates/trust-source/anchors": {
    add: ["update-ca-trust"],
    remove: ["update-ca-trust"],
  },
  // openSUSE
  "/etc/pki/trust/anchors": {
    add: ["update-ca-certificates"],
    remove: ["update-ca-certificates"],
  },
};

/**
 * Lists the folders in which Firefox has its profiles on Linux: from packages, snap and flatpak.
 *
 * @param home The user's home directory.
 * @returns The folders.
 */
export function firefoxFolders(home: string): string[] {
  return [
    `${home}/.mozilla/firefox`,
    `${home}/.config/mozilla/firefox`,
    `${home}/snap/firefox/common/.mozilla/firefox`,
    `${home}/.var/app/org.mozilla.firefox/.mozilla/firefox`,
  ];
}

/**
 * The NSS database of Chromium.
 *
 * @param home The user's home directory.
 * @returns Its directory.
 */
export function chromiumDatabase(home: string): string {
  return `${home}/.pki/nssdb`;
}

/**
 * Decides which commands to run.
 *
 * @param facts The system and the authority.
 * @returns The steps; none if nothing on this machine can trust it.
 */
export function trustSteps(facts: TrustFacts): TrustStep[] {
  if (facts.os === "windows") return [windowsStep(facts)];
  if (facts.os === "darwin") return [macStep(facts)];
  return [...anchorSteps(facts), ...nssSteps(facts)];
}

function windowsStep({ certificate, name }: TrustFacts): TrustStep {
  return {
    what: "Windows, for this user",
    commands: [["certutil", "-addstore", "-user", "Root", certificate]],
    undo: [["certutil", "-delstore", "-user", "Root", name]],
  };
}

function macStep({ certificate, home, name }: TrustFacts): TrustStep {
  const keychain = `${home}/Library/Keychains/login.keychain-db`;
  return {
    what: "macOS, for this user",
    commands: [[
      "security",
      "add-trusted-cert",
      "-r",
      "trustRoot",
      // For servers only.
      "-p",
      "ssl",
      "-k",
      keychain,
      certificate,
    ]],
    undo: [
      ["security", "remove-trusted-cert", certificate],
      ["security", "delete-certificate", "-c", name, keychain],
    ],
  };
}

function anchorSteps(
  { anchors, elevate, certificate, id }: TrustFacts,
): TrustStep[] {
  const update = anchors === undefined ? undefined : ANCHORS[anchors];
  if (update === undefined) return [];
  const file = `${anchors}/httpserver-${id}.crt`;
  return [{
    what: "the programs of this system",
    commands: [
      [...elevate, "install", "-m", "644", certificate, file],
      [...elevate, ...update.add],
    ],
    undo: [
      [...elevate, "rm", file],
      [...elevate, ...update.remove],
    ],
  }];
}

function nssSteps(
  { hasCertutil, databases, home, certificate, name }: TrustFacts,
): TrustStep[] {
  if (!hasCertutil) return [];
  const chromium = chromiumDatabase(home);
  const create = databases.includes(chromium) ? [] : [
    ["mkdir", "-p", "-m", "700", chromium],
    ["certutil", "-N", "--empty-password", "-d", `sql:${chromium}`],
  ];
  return [...new Set([chromium, ...databases])].map((folder) => {
    const database = ["-d", `sql:${folder}`, "-n", name];
    return {
      what: folder === chromium
        ? "Chromium and Chrome"
        : `Firefox (${folder.slice(folder.lastIndexOf("/") + 1)})`,
      commands: [
        ...folder === chromium ? create : [],
        ["certutil", "-A", "-t", "C,,", ...database, "-i", certificate],
      ],
      undo: [["certutil", "-D", ...database]],
    };
  });
}

/**
 * Formats a command for a person, and for a shell.
 *
 * @param command The program and its arguments.
 * @returns The text.
 */
export function commandText(command: readonly string[]): string {
  return command.map((word) =>
    /^[\w@%+=:,./\\-]+$/.test(word)
      ? word
      : `"${word.replace(/(["$`])/g, "\\$1")}"`
  ).join(" ");
}
