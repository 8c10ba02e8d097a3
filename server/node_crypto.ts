// The runtime's `node:crypto`, loaded when it is needed and not at the start: importing it
// takes as long as starting an empty program does.

import type * as NodeCrypto from "node:crypto";

/** What `import * as crypto from "node:crypto"` would give. */
export function nodeCrypto(): typeof NodeCrypto {
  return globalThis.process.getBuiltinModule("node:crypto");
}
