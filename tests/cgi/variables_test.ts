// The environment of a script.

import { assertEquals } from "@std/assert";
import {
  metaVariables,
  PASSED_VARIABLES,
  type ScriptRequest,
  searchWords,
} from "../../handlers/cgi/variables.ts";
import { HTTPMessage } from "../../parser/headers.ts";
import { pureTest } from "../_lib/pure.ts";

/** A request with these header lines. */
function request(
  lines: readonly string[] = [],
  changes: Partial<ScriptRequest> = {},
): ScriptRequest {
  return {
    command: "GET",
    headers: HTTPMessage.fromBlock(
      [...lines, "", ""].join("\r\n"),
    ),
    hasBody: true,
    software: "Test/1",
    protocol: "HTTP/1.1",
    serverName: "a.example",
    serverPort: 8000,
    secure: false,
    clientHost: "192.0.2.1",
    scriptName: "/cgi-bin/x",
    pathInfo: "",
    pathTranslated: "",
    query: "",
    ...changes,
  };
}

/** The value of one variable, for these header lines. */
function variable(name: string, ...lines: string[]): string | undefined {
  return metaVariables(request(lines))[name];
}

pureTest(
  "metaVariables() returns the variables that CPython always sets for a minimal request",
  () => {
    assertEquals(metaVariables(request()), {
      CONTENT_LENGTH: "",
      CONTENT_TYPE: "text/plain",
      GATEWAY_INTERFACE: "CGI/1.1",
      HTTP_ACCEPT: "",
      HTTP_COOKIE: "",
      HTTP_REFERER: "",
      HTTP_USER_AGENT: "",
      PATH_INFO: "",
      PATH_TRANSLATED: "",
      QUERY_STRING: "",
      REMOTE_ADDR: "192.0.2.1",
      REMOTE_HOST: "",
      REQUEST_METHOD: "GET",
      SCRIPT_NAME: "/cgi-bin/x",
      SERVER_NAME: "a.example",
      SERVER_PORT: "8000",
      SERVER_PROTOCOL: "HTTP/1.1",
      SERVER_SOFTWARE: "Test/1",
    });
  },
);

pureTest("metaVariables() sets HTTPS only on a TLS connection", () => {
  assertEquals(metaVariables(request([], { secure: true })).HTTPS, "on");
  assertEquals("HTTPS" in metaVariables(request(["HTTPS: on"])), false);
});

pureTest("metaVariables() passes every field as HTTP_*", () => {
  assertEquals(variable("HTTP_HOST", "Host: b"), "b");
  assertEquals(variable("HTTP_X_REAL_IP", "x-real-IP: 1"), "1");
  assertEquals(variable("HTTP_REFERER", "Referer: /r"), "/r");
  assertEquals(variable("HTTP_X", "X:"), "");
  assertEquals(variable("HTTP_AUTHORIZATION", "Authorization: B c"), "B c");
  assertEquals(variable("HTTP_X", "X: caf\xe9"), "caf\xe9");
});

pureTest("metaVariables() omits a Proxy field, however it is spelled", () => {
  for (const name of ["Proxy", "PROXY", "proxy"]) {
    assertEquals(
      "HTTP_PROXY" in metaVariables(request([`${name}: http://evil/`])),
      false,
    );
  }
  assertEquals(variable("HTTP_PROXY_CONNECTION", "Proxy-Connection: x"), "x");
});

pureTest("metaVariables() never sets one variable from two field names", () => {
  const lines = ["X-User: real", "X_User: forged"];
  assertEquals(variable("HTTP_X_USER", ...lines), "real");
  assertEquals(variable("HTTP_X_USER", lines[1]!), undefined);
  assertEquals(variable("HTTP_X!", "X!: 1"), undefined);
});

pureTest(
  "metaVariables() sets no HTTP_* variable for Content-Length, Content-Type and Transfer-Encoding",
  () => {
    const names = Object.keys(metaVariables(request([
      "Content-Length: 5",
      "Content-Type: a/b",
      "Transfer-Encoding: chunked",
    ])));
    for (
      const name of [
        "HTTP_CONTENT_LENGTH",
        "HTTP_CONTENT_TYPE",
        "HTTP_TRANSFER_ENCODING",
      ]
    ) assertEquals(names.includes(name), false, name);
  },
);

pureTest(
  "metaVariables() joins repeated fields without changing their meaning",
  () => {
    assertEquals(variable("HTTP_ACCEPT", "Accept: a", "ACCEPT: b"), "a,b");
    assertEquals(
      variable("HTTP_COOKIE", "Cookie: a=1", "Cookie: b=2"),
      "a=1; b=2",
    );
    assertEquals(variable("HTTP_X", "X: a", "x: b"), "a, b");
  },
);

pureTest(
  "metaVariables() sets the type and length of a body, and no length without a body",
  () => {
    const lines = ["Content-Type: A/B; c=D", "Content-Length: 5"];
    const variables = metaVariables(request(lines));
    assertEquals(variables.CONTENT_TYPE, "A/B; c=D");
    assertEquals(variables.CONTENT_LENGTH, "5");
    assertEquals(
      metaVariables(request(lines, { hasBody: false })).CONTENT_LENGTH,
      "",
    );
  },
);

pureTest("metaVariables() can't be overridden by header fields", () => {
  const lines = Object.keys(metaVariables(request())).map((name) =>
    `${name.replaceAll("_", "-")}: forged`
  ).filter((line) => !/^(?:CONTENT|HTTP)-/.test(line));
  const forged = metaVariables(request(lines));
  for (const [name, value] of Object.entries(metaVariables(request()))) {
    assertEquals(forged[name], value, name);
  }
});

/** The user of these Basic credentials. */
function userOf(credentials: string): string | undefined {
  return variable("REMOTE_USER", `Authorization: Basic ${btoa(credentials)}`);
}

pureTest(
  "metaVariables() sets AUTH_TYPE and REMOTE_USER from Authorization",
  () => {
    assertEquals(variable("AUTH_TYPE", "Authorization: Basic eA=="), "Basic");
    assertEquals(variable("AUTH_TYPE", "Authorization: Bearer x"), "Bearer");
    assertEquals(variable("REMOTE_USER", "Authorization: Bearer x"), undefined);
    assertEquals(userOf("user:pass"), "user");
    assertEquals(userOf("user:"), "user");
    assertEquals(userOf("user:pa:ss"), "user");
    assertEquals(userOf(":"), "");
  },
);

pureTest("metaVariables() sets no user for malformed credentials", () => {
  for (
    const credentials of ["user", "us\0er:pass", "us\ner:x", "\xff\xfe:x", ""]
  ) assertEquals(userOf(credentials), undefined, credentials);
  for (const value of ["Basic !!!", "Basic", "Basic a b", "", "Basic ="]) {
    assertEquals(variable("REMOTE_USER", `Authorization: ${value}`), undefined);
  }
});

pureTest(
  "searchWords() returns the decoded words of a query without an equals sign",
  () => {
    assertEquals(searchWords("GET", "a+b%20c"), ["a", "b c"]);
    assertEquals(searchWords("HEAD", "a"), ["a"]);
    assertEquals(searchWords("GET", "a++b"), ["a", "", "b"]);
    assertEquals(searchWords("GET", "%3D"), ["="]);
    assertEquals(searchWords("GET", "$(id)+%3Bid+-x"), ["$(id)", ";id", "-x"]);
  },
);

pureTest("searchWords() returns nothing for any other query or method", () => {
  assertEquals(searchWords("GET", ""), []);
  assertEquals(searchWords("GET", "a=b"), []);
  assertEquals(searchWords("GET", "a+b=c"), []);
  assertEquals(searchWords("POST", "a"), []);
});

pureTest(
  "searchWords() returns nothing if one word can't be passed as an argument",
  () => {
    assertEquals(searchWords("GET", "a+%"), []);
    assertEquals(searchWords("GET", "a+%FF"), []);
    assertEquals(searchWords("GET", "a+b%00c"), []);
  },
);

pureTest(
  "PASSED_VARIABLES has no secret and no variable that a request can set",
  () => {
    const odd = PASSED_VARIABLES.filter((name) =>
      /^HTTP|KEY|TOKEN|PASS|SECRET|^HOME$|^USER/.test(name)
    );
    assertEquals(odd, []);
    assertEquals(Object.isFrozen(PASSED_VARIABLES), true);
  },
);
