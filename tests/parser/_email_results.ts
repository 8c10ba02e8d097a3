// Results of Python's email.message.Message (3.14) for header parameters: each field
// value with what the methods return, recorded by hand from a Python session.

/** A parameter value as Python returns it: a text, or charset, language and text. */
type Value = string | [string | null, string | null, string];

/** The results of the methods for one Content-Type. */
type TypeResults = [
  get_content_type: string,
  get_content_charset: string | null,
  get_boundary: string | null,
  get_param_x: Value | null,
  get_params: [string, Value][],
  get_params_quoted: [string, Value][],
];

/** Values of Content-Type. */
export const CONTENT_TYPES: [value: string, results: TypeResults][] = [
  ["text/html", ["text/html", null, null, null, [["text/html", ""]], [[
    "text/html",
    "",
  ]]]],
  ["TEXT/HTML; Charset=UTF-8", ["text/html", "utf-8", null, null, [[
    "TEXT/HTML",
    "",
  ], ["charset", "UTF-8"]], [["TEXT/HTML", ""], ["charset", '"UTF-8"']]]],
  ['text/html;charset="utf-8"', ["text/html", "utf-8", null, null, [[
    "text/html",
    "",
  ], ["charset", "utf-8"]], [["text/html", ""], ["charset", '"utf-8"']]]],
  ["text", ["text/plain", null, null, null, [["text", ""]], [["text", ""]]]],
  ["text/html/x", ["text/plain", null, null, null, [["text/html/x", ""]], [[
    "text/html/x",
    "",
  ]]]],
  ["", ["text/plain", null, null, null, [["", ""]], [["", ""]]]],
  ["/", ["/", null, null, null, [["/", ""]], [["/", ""]]]],
  [";charset=a", ["text/plain", "a", null, null, [["", ""], ["charset", "a"]], [
    ["", ""],
    ["charset", '"a"'],
  ]]],
  ['multipart/form-data; boundary="a b  "', [
    "multipart/form-data",
    null,
    "a b",
    null,
    [["multipart/form-data", ""], ["boundary", "a b  "]],
    [["multipart/form-data", ""], ["boundary", '"a b  "']],
  ]],
  ["multipart/form-data; boundary=----WebKit=x; q", [
    "multipart/form-data",
    null,
    "----WebKit=x",
    null,
    [["multipart/form-data", ""], ["boundary", "----WebKit=x"], ["q", ""]],
    [["multipart/form-data", ""], ["boundary", '"----WebKit=x"'], ["q", '""']],
  ]],
  ['a/b; x="a;b"; y=2', ["a/b", null, null, "a;b", [["a/b", ""], ["x", "a;b"], [
    "y",
    "2",
  ]], [["a/b", ""], ["x", '"a;b"'], ["y", '"2"']]]],
  ['a/b; x="a\\"b;c"; y=2', ["a/b", null, null, 'a"b;c', [["a/b", ""], [
    "x",
    'a"b;c',
  ], ["y", "2"]], [["a/b", ""], ["x", '"a\\"b;c"'], ["y", '"2"']]]],
  ['a/b; x="unclosed; y=2', ["a/b", null, null, '"unclosed; y=2', [
    ["a/b", ""],
    ["x", '"unclosed; y=2'],
  ], [["a/b", ""], ["x", '"\\"unclosed; y=2"']]]],
  ["a/b; x = 1 ; Y= 2", ["a/b", null, null, "1", [["a/b", ""], ["x", "1"], [
    "y",
    "2",
  ]], [["a/b", ""], ["x", '"1"'], ["y", '"2"']]]],
  ["a/b;;x=1;", ["a/b", null, null, "1", [["a/b", ""], ["", ""], ["x", "1"], [
    "",
    "",
  ]], [["a/b", ""], ["", '""'], ["x", '"1"'], ["", '""']]]],
  ["a/b; x", ["a/b", null, null, "", [["a/b", ""], ["x", ""]], [["a/b", ""], [
    "x",
    '""',
  ]]]],
  ["a/b; x=<1>", ["a/b", null, null, "1", [["a/b", ""], ["x", "1"]], [[
    "a/b",
    "",
  ], ["x", '"1"']]]],
  ["a/b; x='1'", ["a/b", null, null, "'1'", [["a/b", ""], ["x", "'1'"]], [[
    "a/b",
    "",
  ], ["x", "\"'1'\""]]]],
  ['a/b; x="a\\\\b"', [
    "a/b",
    null,
    null,
    "a\\b",
    [["a/b", ""], ["x", "a\\b"]],
    [["a/b", ""], ["x", '"a\\\\b"']],
  ]],
  ["a/b; x*=utf-8'en'na%C3%AFve", [
    "a/b",
    null,
    null,
    ["utf-8", "en", "na\xc3\xafve"],
    [["a/b", ""], ["x", ["utf-8", "en", "na\xc3\xafve"]]],
    [["a/b", ""], ["x", ["utf-8", "en", '"na\xc3\xafve"']]],
  ]],
  ["a/b; x*0=one; x*1=two", ["a/b", null, null, "onetwo", [["a/b", ""], [
    "x",
    "onetwo",
  ]], [["a/b", ""], ["x", '"onetwo"']]]],
  ["a/b; x*1=two; x*0=one", ["a/b", null, null, "onetwo", [["a/b", ""], [
    "x",
    "onetwo",
  ]], [["a/b", ""], ["x", '"onetwo"']]]],
  ["a/b; x*0*=utf-8''a%20; x*1=b%20; x*2*=c%20", [
    "a/b",
    null,
    null,
    ["utf-8", "", "a b%20c "],
    [["a/b", ""], ["x", ["utf-8", "", "a b%20c "]]],
    [["a/b", ""], ["x", ["utf-8", "", '"a b%20c "']]],
  ]],
  ["a/b; x*=novalue", ["a/b", null, null, [null, null, "novalue"], [
    ["a/b", ""],
    ["x", [null, null, "novalue"]],
  ], [["a/b", ""], ["x", [null, null, '"novalue"']]]]],
  ["a/b; x*0=a; x*=b", ["a/b", null, null, "a", [["a/b", ""], ["x", "a"]], [[
    "a/b",
    "",
  ], ["x", '"a"']]]],
  ["a/b; x*10=k; x*2=c; x*02=d", ["a/b", null, null, "cdk", [["a/b", ""], [
    "x",
    "cdk",
  ]], [["a/b", ""], ["x", '"cdk"']]]],
  ["a/b; x*='only", ["a/b", null, null, [null, null, "'only"], [["a/b", ""], [
    "x",
    [null, null, "'only"],
  ]], [["a/b", ""], ["x", [null, null, '"\'only"']]]]],
  ["a/b; x*=''q", ["a/b", null, null, ["", "", "q"], [["a/b", ""], ["x", [
    "",
    "",
    "q",
  ]]], [["a/b", ""], ["x", ["", "", '"q"']]]]],
  ["a/b; x*=utf-8'en'it's", ["a/b", null, null, ["utf-8", "en", "it's"], [[
    "a/b",
    "",
  ], ["x", ["utf-8", "en", "it's"]]], [["a/b", ""], ["x", [
    "utf-8",
    "en",
    '"it\'s"',
  ]]]]],
  ["a/b; x=1; x=2", ["a/b", null, null, "1", [["a/b", ""], ["x", "1"], [
    "x",
    "2",
  ]], [["a/b", ""], ["x", '"1"'], ["x", '"2"']]]],
  ["a/b; x*0*='\"q", ["a/b", null, null, [null, null, "'\"q"], [["a/b", ""], [
    "x",
    [null, null, "'\"q"],
  ]], [["a/b", ""], ["x", [null, null, '"\'\\"q"']]]]],
  ['a/b; x*0="a;b"; x*1="\\"c"', ["a/b", null, null, 'a;b"c', [["a/b", ""], [
    "x",
    'a;b"c',
  ]], [["a/b", ""], ["x", '"a;b\\"c"']]]],
  ["a/b; \xa0x\x85=\xa01", ["a/b", null, null, "1", [["a/b", ""], ["x", "1"]], [
    ["a/b", ""],
    ["x", '"1"'],
  ]]],
  ["a/b; charset*=utf-8''ASCII", ["a/b", "ascii", null, null, [["a/b", ""], [
    "charset",
    ["utf-8", "", "ASCII"],
  ]], [["a/b", ""], ["charset", ["utf-8", "", '"ASCII"']]]]],
  ["a/b; charset*=''%E9", ["a/b", null, null, null, [["a/b", ""], ["charset", [
    "",
    "",
    "\xe9",
  ]]], [["a/b", ""], ["charset", ["", "", '"\xe9"']]]]],
  ["a/b; charset*=bogus''X%20y", ["a/b", "x y", null, null, [["a/b", ""], [
    "charset",
    ["bogus", "", "X y"],
  ]], [["a/b", ""], ["charset", ["bogus", "", '"X y"']]]]],
  ["a/b; charset=\xe9", ["a/b", null, null, null, [["a/b", ""], [
    "charset",
    "\xe9",
  ]], [["a/b", ""], ["charset", '"\xe9"']]]],
  ["a/b; name=f.txt", ["a/b", null, null, null, [["a/b", ""], [
    "name",
    "f.txt",
  ]], [["a/b", ""], ["name", '"f.txt"']]]],
  ["a/b; name*=iso-8859-1''%E9.txt", ["a/b", null, null, null, [["a/b", ""], [
    "name",
    ["iso-8859-1", "", "\xe9.txt"],
  ]], [["a/b", ""], ["name", ["iso-8859-1", "", '"\xe9.txt"']]]]],
  ["a/b; __proto__=1; x*y=2; x**=3", ["a/b", null, null, null, [
    ["a/b", ""],
    ["__proto__", "1"],
    ["x*y", "2"],
    ["x**", "3"],
  ], [["a/b", ""], ["__proto__", '"1"'], ["x*y", '"2"'], ["x**", '"3"']]]],
  ['a/b; x=""; y="', ["a/b", null, null, "", [["a/b", ""], ["x", ""], [
    "y",
    '"',
  ]], [["a/b", ""], ["x", '""'], ["y", '"\\""']]]],
  ["a/b; X*1*=b; x*0*=us-ascii''a", [
    "a/b",
    null,
    null,
    ["us-ascii", "", "ab"],
    [["a/b", ""], ["x", ["us-ascii", "", "ab"]]],
    [["a/b", ""], ["x", ["us-ascii", "", '"ab"']]],
  ]],
];

/** Values of Content-Disposition, with the results of get_content_disposition() and get_filename(). */
export const DISPOSITIONS: [
  value: string,
  results: [disposition: string, filename: string | null],
][] = [
  ['attachment; filename="a b.txt"', ["attachment", "a b.txt"]],
  ["attachment; filename=plain.txt", ["attachment", "plain.txt"]],
  ["attachment; filename*=UTF-8''na%C3%AFve%20file.txt", [
    "attachment",
    "na\xefve file.txt",
  ]],
  [
    "attachment; filename*0*=ISO-8859-15'en-us'This%20is%20even%20more%20; filename*1*=%2A%2A%2Afun%2A%2A%2A%20; filename*2=\"is it not.pdf\"",
    ["attachment", "This is even more ***fun*** is it not.pdf"],
  ],
  ["attachment; filename*=bogus''foo%E4.html", ["attachment", "foo\xe4.html"]],
  ["attachment; filename*=''caf%E9", ["attachment", "caf\xe9"]],
  ["attachment; filename*=utf-8''%FF", ["attachment", "\ufffd"]],
  ["inline", ["inline", null]],
  ['attachment; filename="  x "', ["attachment", "x"]],
  ["attachment; FILENAME=a", ["attachment", "a"]],
  ['attachment; filename="\\"q\\".txt"', ["attachment", '"q".txt']],
  ["attachment; filename*=foo%E4", ["attachment", "foo\ufffd"]],
  ["attachment; filename*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", [
    "attachment",
    "This is ***fun***",
  ]],
  ["attachment; filename*=latin_1''%E9", ["attachment", "\xe9"]],
  ["attachment; filename*=windows-1252''%80", ["attachment", "\u20ac"]],
];
