// The states of a connection and the events that change them, in one table, and the one
// function that decides whether another request may follow. Pure: sockets, clocks and
// handlers are elsewhere; a deadline belongs to a state and ends with it.

/** What a connection is doing. */
export enum State {
  /** Accepted. The bytes are the handler's own, as for a `StreamRequestHandler` without HTTP. */
  Open,
  /** Waiting for a request of which no byte has come. It may be closed at any time. */
  Idle,
  /** Some bytes of a request head have come. */
  Head,
  /** The head is parsed and the body is not read to its end. The response may have begun. */
  Body,
  /** The whole request is read. The response is not over. */
  Responding,
  /** The response is over. The rest of the request body is read and dropped. */
  Draining,
  /** No further request will be read, and the client has nothing left to send. */
  Closing,
  /** No further request will be read, but the client may still be sending. */
  Lingering,
  /** Raw bytes both ways, after 101 or a 2xx response to CONNECT. */
  Raw,
  /** Closed on this side. */
  Closed,
}

/** What can happen to a connection. */
export enum Event {
  /** A request head is wanted. */
  Await,
  /** The first byte of a head has come. */
  Byte,
  /** An empty line before a request line was skipped (RFC 9112 §2.2). */
  Blank,
  /** A head was parsed, and no body follows. */
  Request,
  /** A head was parsed, and a body follows. */
  RequestWithBody,
  /** The body was read to its end. */
  BodyEnd,
  /** The exchange is over and `keepsAlive()` said yes. */
  Keep,
  /** No other exchange follows: `keepsAlive()` said no, or a fault, a timeout or the end of input. */
  Last,
  /** The head of a 101, or of a 2xx response to CONNECT, was sent. */
  Switch,
  /** The server is closing gracefully. */
  Stop,
  /** The socket was closed. */
  Close,
}

type Row = Partial<Record<keyof typeof Event, keyof typeof State>>;

/** The next state for each state and event. An event that a row does not list changes nothing. */
const TABLE: Record<keyof typeof State, Row> = {
  Open: {
    Await: "Idle",
    Request: "Responding",
    RequestWithBody: "Body",
    Last: "Closing",
    Switch: "Raw",
    Close: "Closed",
  },
  Idle: {
    Byte: "Head",
    Request: "Responding",
    RequestWithBody: "Body",
    Last: "Closing",
    Stop: "Closed",
    Close: "Closed",
  },
  Head: {
    Blank: "Idle",
    Request: "Responding",
    RequestWithBody: "Body",
    Last: "Lingering",
    Close: "Closed",
  },
  Body: {
    BodyEnd: "Responding",
    Keep: "Draining",
    Last: "Lingering",
    Switch: "Raw",
    Close: "Closed",
  },
  Responding: {
    // These three are for handlers that override handle() and parse one head after another.
    Await: "Idle",
    Request: "Responding",
    RequestWithBody: "Body",
    Keep: "Idle",
    Last: "Closing",
    Switch: "Raw",
    Close: "Closed",
  },
  Draining: {
    BodyEnd: "Idle",
    Last: "Lingering",
    Stop: "Lingering",
    Close: "Closed",
  },
  Closing: { Close: "Closed" },
  Lingering: { Close: "Closed" },
  Raw: { Keep: "Closing", Last: "Closing", Close: "Closed" },
  Closed: {},
};

const STATES = Object.keys(TABLE) as (keyof typeof State)[];
const EVENTS = Event.Close + 1;

/** `TABLE` as numbers, since every request makes three or four transitions. */
const NEXT = Uint8Array.from(
  STATES.flatMap((from) =>
    Array.from({ length: EVENTS }, (_, event) => {
      const to = TABLE[from][Event[event] as keyof typeof Event];
      return State[to ?? from];
    })
  ),
);

/** The state of one connection. */
export class Lifecycle {
  /** What the connection is doing. */
  state: State = State.Open;
  /** The moment on the `performance.now()` clock at which the state must be over. Every change of state resets it. */
  until = Infinity;

  /**
   * Moves to the next state.
   *
   * @param event What happened.
   * @returns The state from now on.
   */
  on(event: Event): State {
    const next: State = NEXT[this.state * EVENTS + event]!;
    if (next !== this.state) {
      this.state = next;
      this.until = Infinity;
    }
    return next;
  }
}

/** The request's part in `keepsAlive()`. A parsed `RequestHead` satisfies it. */
export interface RequestSide {
  /** Whether the request has the version HTTP/0.9. */
  readonly http09: boolean;
  /** Whether the request has the version HTTP/1.1 or later. */
  readonly http11: boolean;
  /** `false` after `Connection: close`, `true` after `Connection: keep-alive`, else `undefined`. */
  readonly keepAlive: boolean | undefined;
  /** Whether the client waits for 100 before it sends the body. */
  readonly expectContinue: boolean;
}

/** The response's part in `keepsAlive()`. */
export interface ResponseSide {
  /** Whether the final head is complete. */
  readonly ended: boolean;
  /** Whether the client can see the end of the response while the connection stays open. */
  readonly delimited: boolean;
  /** Whether the body has exactly the promised length. */
  readonly whole: boolean;
  /** Whether 100 was sent before it. */
  readonly continued: boolean;
}

/** The server's part in `keepsAlive()`. */
export interface ServerSide {
  /** Whether `protocol_version` is HTTP/1.1 or later. */
  readonly persistent: boolean;
  /** Whether the server is closing. */
  readonly stopping: boolean;
  /** Whether the request body is not read to its end. */
  readonly bodyUnread: boolean;
  /** `close_connection`, as the handler or a `Connection` field has set it. */
  readonly close_connection: boolean;
}

/**
 * Decides whether another request may follow on the connection.
 *
 * @param request The request, or `undefined` if it could not be parsed.
 * @param response The response. Without one, the result is the default for `close_connection`, inverted.
 * @param server This side.
 * @returns Whether the connection is kept.
 */
export function keepsAlive(
  request: RequestSide | undefined,
  response: ResponseSide | undefined,
  server: ServerSide,
): boolean {
  if (request === undefined || request.http09 || server.stopping) return false;
  if (response === undefined) {
    // RFC 9112 §9.3: the version sets the default, and the Connection field overrides it.
    return server.persistent && (request.keepAlive ?? request.http11);
  }
  // Without a 100, either the body or the next request may come (RFC 9110 §10.1.1).
  if (request.expectContinue && !response.continued && server.bodyUnread) {
    return false;
  }
  return !server.close_connection && response.ended && response.delimited &&
    response.whole;
}
