// The options for access and HTTPS.

import type { OptionGroup } from "./option.ts";

/** The options under "Access". */
export const ACCESS: OptionGroup = Object.freeze({
  title: "Access",
  options: [
    {
      name: "users",
      value: "FILE",
      brief: "Ask for a password; FILE has lines user:password",
      help: "Ask for a password; FILE has a line user:password for each user",
    },
    {
      name: "users-env",
      value: "VARIABLE",
      help: "Like --users, from this environment variable",
    },
    {
      name: "hash-password",
      help: "Read a password, print a hash for the --users file, and exit",
    },
    {
      name: "realm",
      value: "TEXT",
      help: "Name in the password prompt (default: Restricted)",
    },
    {
      name: "host",
      value: "NAME",
      repeatable: true,
      help:
        "Accept only this Host (IP addresses and localhost always pass); *.NAME allows subdomains. Others get 421",
    },
    {
      name: "allow",
      value: "ADDRESS",
      repeatable: true,
      help:
        "Serve only this address or network, such as 192.168.0.0/16; localhost is this machine. Others get 403",
    },
    {
      name: "secret",
      brief: "Serve below a random path that the URL shows",
      help:
        "Serve everything below a random path, which the printed URL shows; elsewhere is 404",
    },
    {
      name: "trust-proxy",
      value: "ADDRESS",
      repeatable: true,
      help:
        "Trust X-Forwarded-For, -Proto and -Host and X-Request-Id from this address or network",
    },
  ],
});

/** The options under "HTTPS". */
export const HTTPS: OptionGroup = Object.freeze({
  title: "HTTPS",
  options: [
    {
      name: "https",
      brief: "Serve over HTTPS, with a certificate from a local CA",
      help:
        "Serve over HTTPS with a certificate for this machine, from a local CA that is made once",
    },
    {
      name: "trust",
      help:
        "Make this machine trust the local CA: show the commands, ask, run them, and exit",
    },
    {
      name: "tls-cert",
      value: "FILE",
      help: "Serve over HTTPS with this certificate chain (PEM)",
    },
    {
      name: "tls-key",
      value: "FILE",
      help: "Private key of the certificate (default: in the --tls-cert file)",
    },
    {
      name: "tls-password-file",
      value: "FILE",
      help: "File with the password of an encrypted key",
    },
  ],
});
