// Watches the keys of the terminal; x ends the process in the way of its argument.

import { watchKeys } from "../../cli/keys.ts";

watchKeys([{ key: "x", help: "end", run: end }]);

function end(): void {
  if (Deno.args[0] === "exit") Deno.exit(3);
  setTimeout(() => {
    throw new Error("on purpose");
  });
}
