// The options of the server and of the command itself.

import type { OptionGroup } from "./option.ts";

/** The options under "Address and protocol". */
export const ADDRESS_AND_PROTOCOL: OptionGroup = Object.freeze({
  title: "Address and protocol",
  options: [
    {
      name: "bind",
      short: "b",
      value: "ADDRESS",
      brief: "Listen on this address only, such as 127.0.0.1",
      help:
        "Listen on this address (default: all interfaces; 127.0.0.1 with --cgi, and with --upload unless there are users)",
    },
    {
      name: "protocol",
      short: "p",
      value: "VERSION",
      help: "Speak HTTP/1.0 or HTTP/1.1 (default: HTTP/1.1)",
    },
    {
      name: "port-fallback",
      help: "Take the next free port if the port is in use",
    },
    {
      name: "workers",
      value: "N",
      help: "Serve in N threads, or auto for one per core (default: 1)",
    },
    {
      name: "listen-fd",
      value: "NUMBER",
      help:
        "Listen on this inherited descriptor, 3 with systemd, instead of an address",
    },
  ],
});

/** The options under "Development". */
export const DEVELOPMENT: OptionGroup = Object.freeze({
  title: "Development",
  options: [
    {
      name: "open",
      brief: "Open the site in a browser",
      help: "Open the site in a browser: $BROWSER, or the system's default",
    },
    {
      name: "qr",
      brief: "Print a QR code of the URL for phones",
      help: "Print a QR code of the URL for other devices in the network",
    },
    {
      name: "slow",
      value: "SPEED",
      help:
        "Imitate a slow network: 3g, 4g, or RATE[,LATENCY] in bytes per second and connection (with k or m) and milliseconds",
    },
  ],
});

/** The options under "Log". */
export const LOG: OptionGroup = Object.freeze({
  title: "Log",
  options: [
    {
      name: "quiet",
      short: "q",
      brief: "Log nothing",
      help: "Log nothing",
    },
    {
      name: "log-format",
      value: "FORMAT",
      help: "Log as python, common, combined or json (default: python)",
    },
    {
      name: "log-file",
      value: "FILE",
      help:
        "Append the log to this file; SIGHUP reopens it (default: standard error)",
    },
  ],
});

/** The options under "For programs". */
export const FOR_PROGRAMS: OptionGroup = Object.freeze({
  title: "For programs",
  options: [
    {
      name: "json",
      help:
        "Print one JSON object per line: first the URLs and the port, then each request",
    },
    {
      name: "exit-with-parent",
      help:
        "Exit when the process that started the command ends, or standard input is a pipe and closes",
    },
  ],
});

/** The options under "Proxies and orchestrators". */
export const PROXIES_AND_ORCHESTRATORS: OptionGroup = Object.freeze({
  title: "Proxies and orchestrators",
  options: [
    {
      name: "health",
      help:
        "Send 200 at /.httpserver/health, and 503 after a signal, while running responses end",
    },
    {
      name: "health-path",
      value: "PATH",
      help: "Like --health, at this path",
    },
    {
      name: "metrics",
      help: "Send metrics for Prometheus at /.httpserver/metrics",
    },
    {
      name: "metrics-path",
      value: "PATH",
      help: "Like --metrics, at this path",
    },
    {
      name: "drain",
      value: "SECONDS",
      help: "Let running responses take this long after a signal (default: 1)",
    },
    {
      name: "idle-timeout",
      value: "SECONDS",
      help:
        "Keep idle connections this long, and announce it (default: 60, not announced)",
    },
  ],
});

/** The options under "Other". */
export const OTHER: OptionGroup = Object.freeze({
  title: "Other",
  options: [
    {
      name: "cgi",
      help:
        "Run scripts in /cgi-bin and /htbin (RFC 3875), and serve files as CPython does",
    },
    {
      name: "config",
      value: "FILE",
      help:
        "Read options from this file: JSON with comments, with the long names",
    },
    {
      name: "print-script",
      help: "Print a TypeScript program that serves the same, and exit",
    },
    {
      name: "help",
      short: "h",
      brief: "Show this help and exit",
      help: "Show the everyday options and exit",
    },
    {
      name: "help-all",
      brief: "Show all options by theme and exit",
      help: "Show all options and exit",
    },
  ],
});
