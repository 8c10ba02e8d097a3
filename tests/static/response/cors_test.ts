import { assertEquals, assertThrows } from "@std/assert";
import {
  compileCors,
  type CorsDecision,
  type CorsOptions,
} from "../../../handlers/static/response/cors.ts";
import { pureTest } from "../../_lib/pure.ts";

const A = "https://a.test";

function decide(
  options: CorsOptions,
  method: string,
  fields: Record<string, string>,
): CorsDecision {
  const get = (name: string) => fields[name] ?? null;
  return compileCors(options)({ method, headers: { get } });
}

function fieldsOf({ headers }: CorsDecision): Record<string, string> {
  return Object.fromEntries(headers);
}

pureTest(
  "compileCors() allows all origins by default, with an asterisk",
  () => {
    for (const fields of [{}, { Origin: A }, { Origin: "null" }]) {
      for (const method of ["GET", "HEAD", "OPTIONS"]) {
        assertEquals(decide({}, method, fields), {
          headers: [
            ["Access-Control-Allow-Origin", "*"],
            [
              "Access-Control-Expose-Headers",
              "Accept-Ranges, Content-Encoding, Content-Range, ETag",
            ],
          ],
          vary: [],
        });
      }
    }
  },
);

pureTest("compileCors() allows listed origins exactly", () => {
  const options = { origins: [A, "http://b.test:8080"], exposed: [] };
  assertEquals(fieldsOf(decide(options, "GET", { Origin: A })), {
    "Access-Control-Allow-Origin": A,
  });
  for (
    const Origin of [
      "https://a.test.evil.test",
      "https://evil-a.test",
      "http://a.test",
      "https://a.test:444",
      "https://A.test",
      "https://a.test/",
      "null",
      "",
      "*",
      `${A}, ${A}`,
    ]
  ) {
    assertEquals(decide(options, "GET", { Origin }).headers, [], Origin);
  }
});

pureTest(
  "compileCors() adds Origin to Vary if the response depends on it",
  () => {
    const options = { origins: [A] };
    for (const fields of [{}, { Origin: A }, { Origin: "https://evil.test" }]) {
      assertEquals(decide(options, "GET", fields).vary, ["Origin"]);
    }
    assertEquals(decide({}, "GET", { Origin: A }).vary, []);
  },
);

pureTest("compileCors() allows credentials only to listed origins", () => {
  const options = { origins: [A], credentials: true, exposed: [] };
  assertEquals(fieldsOf(decide(options, "GET", { Origin: A })), {
    "Access-Control-Allow-Origin": A,
    "Access-Control-Allow-Credentials": "true",
  });
  assertEquals(
    decide(options, "GET", { Origin: "https://b.test" }).headers,
    [],
  );
  for (const origins of ["*", ["null"], [A, "null"]] as const) {
    assertThrows(
      () => compileCors({ origins, credentials: true }),
      TypeError,
      "Cannot allow credentials",
    );
  }
});

const PREFLIGHT = { Origin: A, "Access-Control-Request-Method": "GET" };

pureTest("compileCors() returns the fields for a preflight", () => {
  assertEquals(decide({}, "OPTIONS", PREFLIGHT), {
    headers: [
      ["Access-Control-Allow-Origin", "*"],
      ["Access-Control-Allow-Methods", "GET, HEAD"],
      ["Access-Control-Max-Age", "600"],
    ],
    vary: [],
  });
});

pureTest(
  "compileCors() recognizes a preflight by its method and both its fields",
  () => {
    const { Origin, ...rest } = PREFLIGHT;
    const isPreflight = (method: string, fields: Record<string, string>) =>
      "Access-Control-Allow-Methods" in fieldsOf(decide({}, method, fields));
    assertEquals(isPreflight("OPTIONS", PREFLIGHT), true);
    assertEquals(isPreflight("GET", PREFLIGHT), false);
    assertEquals(isPreflight("OPTIONS", { Origin }), false);
    assertEquals(isPreflight("OPTIONS", rest), false);
  },
);

pureTest(
  "compileCors() returns no fields for a preflight of another origin",
  () => {
    const fields = { ...PREFLIGHT, Origin: "https://evil.test" };
    assertEquals(decide({ origins: [A] }, "OPTIONS", fields), {
      headers: [],
      vary: ["Origin"],
    });
  },
);

pureTest(
  "compileCors() allows the headers that a preflight requests, if their names are valid",
  () => {
    const rows: [string, string | undefined][] = [
      ["range", "range"],
      ["range,if-range", "range, if-range"],
      [" x-a , x-b", "x-a, x-b"],
      ["", undefined],
      ["x a", undefined],
      ["x-a, b\r\nSet-Cookie: c", undefined],
      ["x:y", undefined],
      ["x-a, \xe9", undefined],
      ["a,".repeat(600), undefined],
    ];
    for (const [asked, expected] of rows) {
      const fields = { ...PREFLIGHT, "Access-Control-Request-Headers": asked };
      const found = fieldsOf(decide({}, "OPTIONS", fields));
      assertEquals(found["Access-Control-Allow-Headers"], expected, asked);
    }
  },
);

pureTest("compileCors() uses methods, headers and time of its options", () => {
  const options = {
    methods: ["GET", "PUT"],
    headers: ["X-One"],
    exposed: ["X-Two"],
    maxAge: 0,
  };
  const fields = { ...PREFLIGHT, "Access-Control-Request-Headers": "x-other" };
  assertEquals(fieldsOf(decide(options, "OPTIONS", fields)), {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, PUT",
    "Access-Control-Allow-Headers": "X-One",
    "Access-Control-Max-Age": "0",
  });
  assertEquals(fieldsOf(decide(options, "GET", { Origin: A })), {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "X-Two",
  });
});

pureTest("compileCors() throws for malformed options", () => {
  for (
    const origin of [
      "",
      "*",
      "a.test",
      "https://a.test/",
      "https://a.test/x",
      "https://A.test",
      "https://a.test:443",
      "https://u@a.test",
      "https://*.a.test",
      "https://a.test, https://b.test",
      "file:///a",
      "https://",
    ]
  ) {
    assertThrows(
      () => compileCors({ origins: [origin] }),
      TypeError,
      "Cannot allow the origin",
      origin,
    );
  }
  for (const key of ["methods", "headers", "exposed"] as const) {
    assertThrows(() => compileCors({ [key]: ["a b"] }), TypeError);
    assertThrows(() => compileCors({ [key]: ["a\r\nb"] }), TypeError);
  }
  for (const maxAge of [-1, 0.5, NaN, Infinity]) {
    assertThrows(() => compileCors({ maxAge }), RangeError);
  }
});
