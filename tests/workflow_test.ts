// The workflows: what must not be lost when they are edited. They run on GitHub alone.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { parse } from "@std/yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly needs?: string | readonly string[];
  readonly uses?: string;
  readonly "runs-on"?: string;
  readonly "timeout-minutes"?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly strategy?: {
    readonly matrix: {
      readonly os?: readonly string[];
      readonly include?: readonly {
        readonly os: string;
        readonly target: string;
      }[];
    };
  };
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, { readonly tags?: string[] } | null>>;
  readonly permissions: unknown;
  readonly concurrency: {
    readonly group: string;
    readonly "cancel-in-progress": unknown;
  };
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = new URL("../", import.meta.url);

const read = (path: string) => Deno.readTextFileSync(new URL(path, root));

const texts = new Map(
  ["ci", "release"].map((
    name,
  ) => [name, read(`.github/workflows/${name}.yml`)]),
);

const [ci, release] = [...texts.values()].map((text) =>
  parse(text) as Workflow
) as [Workflow, Workflow];

const jobs = [...Object.entries(ci.jobs), ...Object.entries(release.jobs)];

function stepsOf(job: Job | undefined): readonly Step[] {
  return job?.steps ?? [];
}

/** All commands of a job. */
function commands(job: Job | undefined): string {
  return stepsOf(job).map(({ run = "" }) => run).join("\n");
}

/** Runs a step's script as GitHub does, in a folder. */
async function runStep(
  script: string,
  cwd: string,
  env: Record<string, string>,
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["--noprofile", "--norc", "-eo", "pipefail", "-c", script],
    cwd,
    env,
    signal: AbortSignal.timeout(10_000),
  }).output();
  const text = [stdout, stderr].map((part) => new TextDecoder().decode(part));
  return `${code} ${text.join("")}`;
}

function stepNamed(job: Job | undefined, part: string): string {
  const found = stepsOf(job).map(({ run }) => run)
    .find((run) => run?.includes(part));
  if (found === undefined) throw new Error(`No step has ${part}`);
  return found;
}

Deno.test("the workflows may only read, except the two jobs that publish", () => {
  assertEquals(ci.permissions, { contents: "read" });
  assertEquals(release.permissions, { contents: "read" });
  const more = jobs.filter(([, { permissions }]) => permissions !== undefined)
    .map(([name, { permissions }]) => [name, permissions]);
  assertEquals(more, [
    ["publish", { contents: "read", "id-token": "write" }],
    ["release", { contents: "write" }],
  ]);
  for (const [name, job] of jobs) {
    for (const { uses, with: options } of stepsOf(job)) {
      if (!uses?.startsWith("actions/checkout@")) continue;
      assertEquals(options, { "persist-credentials": false }, name);
    }
  }
  for (const text of texts.values()) assert(!text.includes("secrets."));
});

Deno.test("the workflows pin their actions by major version, and Deno by the version that the README names", () => {
  const [, version] = /npx -y deno@(\S+)/.exec(read("README.md")) ?? [];
  let deno = 0;
  for (const [name, job] of jobs) {
    for (const { uses, with: options } of stepsOf(job)) {
      if (uses === undefined) continue;
      assertMatch(uses, /^(?:actions|denoland)\/[\w-]+@v\d+$/, name);
      if (!uses.startsWith("denoland/setup-deno@")) continue;
      assertEquals(options, { "deno-version": version }, name);
      deno++;
    }
  }
  assert(deno >= 4, `${deno}`);
});

Deno.test("each job has a time limit", () => {
  for (const [name, job] of jobs) {
    if (job.uses !== undefined) continue;
    assert((job["timeout-minutes"] ?? Infinity) <= 60, name);
  }
});

Deno.test("a release is not cancelled by the next one, and no group is used twice", () => {
  assertEquals(release.concurrency["cancel-in-progress"], false);
  // A called workflow that waits for the group of its caller would wait for ever.
  assert(ci.concurrency.group.startsWith("ci-"));
  assert(!release.concurrency.group.startsWith("ci-"));
});

Deno.test("the tests run on Linux, macOS and Windows", () => {
  const systems = Object.values(ci.jobs).flatMap((job) =>
    job.strategy?.matrix.os ?? [job["runs-on"]!]
  );
  for (const system of ["ubuntu", "macos", "windows"]) {
    assert(systems.some((name) => name.startsWith(`${system}-`)), system);
  }
  assertMatch(commands(ci.jobs.linux), /^deno task ok$/m);
  const { env = {} } = ci.jobs.linux!;
  for (const what of ["CHROMIUM", "CLIENTS", "PYTHON"]) {
    assertEquals(env[`REQUIRE_${what}`], "1");
  }
  assertMatch(commands(ci.jobs.portable), /^deno task portable$/m);
});

Deno.test("ci.yml names the folders of tests that only Linux runs", () => {
  const { tasks } = JSON.parse(read("deno.json"));
  const portable = [...tasks.portable.matchAll(/tests\/(\w+)/g)]
    .map(([, name]) => name);
  const folders = [...Deno.readDirSync(new URL("tests", root))]
    .filter(({ name, isDirectory }) =>
      isDirectory && name !== "data" && !name.startsWith("_")
    )
    .map(({ name }) => name);
  const notice = stepNamed(ci.jobs.portable, "::notice::");
  const only = folders.filter((name) => !portable.includes(name));
  assert(only.length > 3, `${only}`);
  for (const name of only) assertMatch(notice, new RegExp(`\\b${name}\\b`));
});

Deno.test("the workflows call existing tasks", () => {
  const { tasks } = JSON.parse(read("deno.json"));
  const called = jobs.flatMap(([, job]) =>
    [...commands(job).matchAll(/deno task ([\w-]+)/g)].map(([, name]) => name!)
  );
  assert(called.length >= 4, `${called}`);
  assertEquals(called.filter((name) => !(name in tasks)), []);
  const [, ...folders] = tasks.portable.match(/tests\/\S+/g);
  for (const path of folders) Deno.statSync(new URL(path, root));
});

Deno.test("release.yml runs for tags of versions, and publishes only what was tested", () => {
  assertEquals(release.on, { push: { tags: ["v*"] } } as Workflow["on"]);
  const needs = Object.fromEntries(
    Object.entries(release.jobs).map(([name, job]) => [name, job.needs]),
  );
  assertEquals(needs, {
    version: undefined,
    test: "version",
    binary: "version",
    publish: ["test", "binary"],
    release: "publish",
  });
  assertEquals(release.jobs.test?.uses, "./.github/workflows/ci.yml");
  assert("workflow_call" in ci.on);
  // Provenance is the default, with the token that `id-token` gives.
  assertMatch(commands(release.jobs.publish), /^deno publish --no-lock$/m);
});

Deno.test("release.yml builds the executables of three systems, and runs them", () => {
  const { include = [] } = release.jobs.binary?.strategy?.matrix ?? {};
  assertEquals(include.map(({ target }) => target).toSorted(), [
    "aarch64-apple-darwin",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "x86_64-unknown-linux-gnu",
  ]);
  const names = { linux: "ubuntu", darwin: "macos", windows: "windows" };
  for (const { os, target } of include) {
    const system = Object.entries(names).find(([part]) =>
      target.includes(part)
    );
    assert(os.startsWith(`${system?.[1]}-`), target);
  }
  const all = commands(release.jobs.binary);
  assertMatch(all, /^deno task compile\ndeno task check-binary$/m);
  assertMatch(commands(release.jobs.release), /gh release create .* dist\/\*/);
});

Deno.test("release.yml rejects a tag that is not the version of deno.json", async () => {
  const script = stepNamed(release.jobs.version, "GITHUB_REF_NAME")
    // Not every machine that runs the tests has jq.
    .replace(
      /jq [^)]*/,
      `sed -n 's/.*"version": "\\(.*\\)".*/\\1/p' deno.json`,
    );
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/deno.json`, '{\n"version": "1.2.3"\n}');
    const check = (tag: string) =>
      runStep(script, folder, { GITHUB_REF_NAME: tag });
    assertEquals(await check("v1.2.3"), "0 ");
    for (const tag of ["v1.2.4", "1.2.3", "v1.2.3-rc.1", "v", "v1x2y3"]) {
      assertEquals(
        await check(tag),
        `1 ::error::The tag is ${tag}, but deno.json has version 1.2.3\n`,
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("release.yml takes the notes of its version from the changelog", async () => {
  const script = stepNamed(release.jobs.release, "awk");
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/CHANGELOG.md`,
      "# Changelog\n\n## 1.10.0\n\n- New.\n\n## 1.1.0\n\n- Old.\n",
    );
    const notes = async (tag: string) => {
      const result = await runStep(script, folder, { GITHUB_REF_NAME: tag });
      return result + await Deno.readTextFile(`${folder}/notes.md`);
    };
    assertEquals(await notes("v1.10.0"), "0 \n- New.\n\n");
    assertEquals(await notes("v1.1.0"), "0 \n- Old.\n");
    // A version without notes is not released.
    assertEquals(await notes("v1.0.0"), "1 ");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
