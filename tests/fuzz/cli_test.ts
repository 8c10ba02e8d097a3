import { testSubject } from "./_lib.ts";
import { CLI } from "./properties/cli.ts";

testSubject(CLI);
