import { assertEquals } from "@std/assert";
import { findPhrases } from "../../tools/check_prose.ts";
import { pureTest } from "../_lib/pure.ts";

/** Accepts and returns `_` instead of spaces: strings without a space are not checked, so this file passes. */
function phrases(path: string, text: string): string[] {
  return findPhrases(path, text.replaceAll("_", " "))
    .map(({ line, phrase }) => `${line}_${phrase.replaceAll(" ", "_")}`);
}

pureTest("findPhrases() finds every phrase to avoid", () => {
  const texts = [
    "what_is_left",
    "whoever",
    "is_none",
    "tells_of",
    "told",
    "behind",
    "stands",
    "so_that_it_may",
    "of_its_own",
    "where_nobody",
    "on_the_way",
    "leads_to",
    "it_is_no_text",
    "but_for",
    "answers",
    "RFC_9110_13",
  ];
  for (const text of texts) {
    assertEquals(phrases("a.md", text).length, 1, text);
  }
});

pureTest("findPhrases() accepts plain sentences", () => {
  const text = [
    "Say what is wrong. The server runs behind a reverse proxy.",
    "The test leaves nothing behind.",
    "It is no longer cached (RFC 9110 §13.2.2). A standard response.",
    "The folder where the file is.",
  ].join("\n");
  assertEquals(phrases("a.md", text), []);
});

pureTest(
  "findPhrases() reads comments, strings and templates, but not code",
  () => {
    const text = [
      "//_told",
      "const_behind_=_answer.whoever;_//_behind",
      "const_told_=_[\"told\",_'stands'];",
      'throw_new_Error("the_\\"answer\\"");',
      'const_a_=_/told_"behind/;_//_stands',
      "log(`_${told(`_stands_`)}_whoever_`);",
      "/**_whoever_*/",
    ].join("\n");
    assertEquals(phrases("a.ts", text), [
      "1_told",
      "2_behind",
      "4_answer",
      "5_stands",
      "6_stands",
      "6_whoever",
      "7_whoever",
    ]);
  },
);

pureTest("findPhrases() matches across the lines of one comment only", () => {
  const text = [
    "//_what",
    "//_is_left",
    "/**",
    " * tells",
    " * of",
    " */",
    "//_what",
    "const_is_=_1;",
  ].join("\n");
  assertEquals(phrases("a.ts", text), ["1_what_is", "4_tells_of"]);
});

pureTest(
  "findPhrases() leaves out code in Markdown and in doc comments",
  () => {
    const markdown = [
      "`whoever`_whoever_[x](told.md)",
      "```sh",
      "whoever",
      "```",
      "```ts",
      "whoever();_//_behind",
      "```",
      "told",
    ].join("\n");
    const expected = ["1_whoever", "6_behind", "8_told"];
    assertEquals(phrases("a.md", markdown), expected);
    const lines = markdown.split("\n").map((line) => `_*_${line}`);
    assertEquals(
      phrases("a.ts", `/**\n${lines.join("\n")}\n_*/`),
      ["2_whoever", "7_behind", "9_told"],
    );
  },
);

pureTest(
  "findPhrases() accepts the word answer next to the type Answer",
  () => {
    const text = '//_Sends_the_answer.\nimport_type_{_Answer_}_from_"./a.ts";';
    assertEquals(phrases("a.ts", text), []);
  },
);
