// Loads the runtime's `node:crypto` on demand: importing it takes as long as starting an
// empty program.

import type * as NodeCrypto from "node:crypto";

/** The module `node:crypto`. */
export function nodeCrypto(): typeof NodeCrypto {
  return globalThis.process.getBuiltinModule("node:crypto");
}
