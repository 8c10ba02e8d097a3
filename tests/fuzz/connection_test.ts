import { testSubject } from "./_lib.ts";
import { CONNECTION } from "./properties/connection.ts";

testSubject(CONNECTION);
