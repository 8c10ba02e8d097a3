// The table of states and `keepsAlive()`, checked against their rules.

import { assert, assertEquals } from "@std/assert";
import {
  Event,
  keepsAlive,
  Lifecycle,
  type RequestSide,
  type ResponseSide,
  type ServerSide,
  State,
} from "../../connection/lifecycle.ts";
import { pureTest } from "../_lib/pure.ts";

const STATES = Object.values(State).filter((value) =>
  typeof value === "number"
);
const EVENTS = Object.values(Event).filter((value) =>
  typeof value === "number"
);

function after(from: State, ...events: Event[]): State {
  const life = new Lifecycle();
  life.state = from;
  for (const event of events) life.on(event);
  return life.state;
}

pureTest(
  "Lifecycle closes from every state, and no event leaves Closed",
  () => {
    for (const state of STATES) {
      assertEquals(after(state, Event.Close), State.Closed);
    }
    for (const event of EVENTS) {
      assertEquals(after(State.Closed, event), State.Closed);
    }
  },
);

pureTest(
  "Lifecycle parses no request after Closing, Lingering, Raw or Closed",
  () => {
    const last = [State.Closing, State.Lingering, State.Raw, State.Closed];
    for (const state of last) {
      for (const event of EVENTS) {
        const next = after(state, event);
        assert(
          last.includes(next),
          `${State[state]} ${Event[event]} ${State[next]}`,
        );
      }
    }
  },
);

pureTest("Lifecycle becomes Idle only with no request outstanding", () => {
  const entries: string[] = [];
  for (const state of STATES) {
    for (const event of EVENTS) {
      if (state !== State.Idle && after(state, event) === State.Idle) {
        entries.push(`${State[state]} ${Event[event]}`);
      }
    }
  }
  assertEquals(entries.sort(), [
    "Draining BodyEnd",
    "Head Blank",
    "Open Await",
    "Responding Await",
    "Responding Keep",
  ]);
});

pureTest("Lifecycle lingers exactly if the client may still be sending", () => {
  for (const state of [State.Head, State.Body, State.Draining]) {
    assertEquals(after(state, Event.Last), State.Lingering);
  }
  for (const state of [State.Open, State.Idle, State.Responding, State.Raw]) {
    assertEquals(after(state, Event.Last), State.Closing);
  }
});

pureTest(
  "Lifecycle stops at once only if it is Idle, and stops draining",
  () => {
    for (const state of STATES) {
      const next = after(state, Event.Stop);
      if (state === State.Idle) assertEquals(next, State.Closed);
      else if (state === State.Draining) assertEquals(next, State.Lingering);
      else assertEquals(next, state);
    }
  },
);

pureTest(
  "Lifecycle.on() resets the deadline exactly if the state changes",
  () => {
    for (const state of STATES) {
      for (const event of EVENTS) {
        const life = new Lifecycle();
        life.state = state;
        life.until = 5;
        const changed = life.on(event) !== state;
        assertEquals(life.until, changed ? Infinity : 5);
      }
    }
  },
);

const REQUEST: RequestSide = {
  http09: false,
  http11: true,
  keepAlive: undefined,
  expectContinue: false,
};
const RESPONSE: ResponseSide = {
  ended: true,
  delimited: true,
  whole: true,
  continued: false,
};
const SERVER: ServerSide = {
  persistent: true,
  stopping: false,
  bodyUnread: false,
  close_connection: false,
};

pureTest(
  "keepsAlive() follows the default of the version, which Connection overrides",
  () => {
    for (
      const [request, persistent, keeps] of [
        [{}, true, true],
        [{}, false, false],
        [{ http11: false }, true, false],
        [{ http11: false, keepAlive: true }, true, true],
        [{ http11: false, keepAlive: true }, false, false],
        [{ keepAlive: false }, true, false],
        [{ http09: true, http11: false, keepAlive: true }, true, false],
      ] as const
    ) {
      assertEquals(
        keepsAlive({ ...REQUEST, ...request }, undefined, {
          ...SERVER,
          persistent,
        }),
        keeps,
        JSON.stringify([request, persistent]),
      );
    }
  },
);

pureTest("keepsAlive() closes if either side can't continue", () => {
  assertEquals(keepsAlive(REQUEST, RESPONSE, SERVER), true);
  assertEquals(keepsAlive(undefined, RESPONSE, SERVER), false);
  assertEquals(
    keepsAlive({ ...REQUEST, http09: true }, RESPONSE, SERVER),
    false,
  );
  for (const field of ["ended", "delimited", "whole"] as const) {
    assertEquals(
      keepsAlive(REQUEST, { ...RESPONSE, [field]: false }, SERVER),
      false,
      field,
    );
  }
  for (const field of ["stopping", "close_connection"] as const) {
    assertEquals(
      keepsAlive(REQUEST, RESPONSE, { ...SERVER, [field]: true }),
      false,
      field,
    );
  }
});

pureTest(
  "keepsAlive() lets an HTTP/1.0 handler keep the connection open, as in CPython",
  () => {
    assert(keepsAlive(REQUEST, RESPONSE, { ...SERVER, persistent: false }));
  },
);

pureTest(
  "keepsAlive() closes after a final status to Expect, since the body may still come",
  () => {
    const request = { ...REQUEST, expectContinue: true };
    const unread = { ...SERVER, bodyUnread: true };
    assertEquals(keepsAlive(request, RESPONSE, unread), false);
    assertEquals(
      keepsAlive(request, { ...RESPONSE, continued: true }, unread),
      true,
    );
    assertEquals(keepsAlive(request, RESPONSE, SERVER), true);
  },
);
