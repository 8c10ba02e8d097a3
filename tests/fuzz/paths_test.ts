import { testSubject } from "./_lib.ts";
import { PATHS } from "./properties/paths.ts";

testSubject(PATHS);
