// The states of a connection, the events that change them, and `keepsAlive()`, which
// decides whether another request may follow. Pure: no sockets, clocks or handlers.

/** The states of a connection. */
export enum State {
  /** Accepted. The handler reads raw bytes, like a `StreamRequestHandler` without HTTP. */
  Open,
  /** Waiting for the first byte of a request. May be closed at any time. */
  Idle,
  /** A part of a request head has arrived. */
  Head,
  /** The head is parsed, the body not fully read. The response may have begun. */
  Body,
  /** The whole request is read, the response not complete. */
  Responding,
  /** The response is complete. The rest of the request body is read and dropped. */
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

/** The events of a connection. */
export enum Event {
  /** The handler waits for a request head. */
  Await,
  /** The first byte of a head has arrived. */
  Byte,
  /** An empty line before a request line was skipped (RFC 9112 §2.2). */
  Blank,
  /** A head without a body was parsed. */
  Request,
  /** A head was parsed, and a body follows. */
  RequestWithBody,
  /** The body was read to its end. */
  BodyEnd,
  /** The exchange is over, and `keepsAlive()` returned `true`. */
  Keep,
  /** No further exchange: `keepsAlive()` returned `false`, or after a fault, a timeout or EOF. */
  Last,
  /** The head of a 101, or of a 2xx response to CONNECT, was sent. */
  Switch,
  /** The server is closing gracefully. */
  Stop,
  /** The socket was closed. */
  Close,
}

type Row = Partial<Record<keyof typeof Event, keyof typeof State>>;

/** The next state for each state and event. Events that a row doesn't list are ignored. */
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
    // For handlers that override handle() and parse several heads.
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

/** `TABLE` as numbers, for speed: every request makes three or four transitions. */
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
  /** The current state. */
  state: State = State.Open;
  /** The deadline of the state on the `performance.now()` clock; reset by each change of state. */
  until = Infinity;

  /**
   * Moves to the next state.
   *
   * @param event What happened.
   * @returns The new state.
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

/** The request's input to `keepsAlive()`. A parsed `RequestHead` satisfies it. */
export interface RequestSide {
  /** Whether the request is HTTP/0.9. */
  readonly http09: boolean;
  /** Whether the request is HTTP/1.1 or later. */
  readonly http11: boolean;
  /** `false` after `Connection: close`, `true` after `Connection: keep-alive`, else `undefined`. */
  readonly keepAlive: boolean | undefined;
  /** Whether the client waits for 100 Continue before it sends the body. */
  readonly expectContinue: boolean;
}

/** The response's input to `keepsAlive()`. */
export interface ResponseSide {
  /** Whether the final head was sent completely. */
  readonly ended: boolean;
  /** Whether the client can detect the end of the response without the connection closing. */
  readonly delimited: boolean;
  /** Whether the body has exactly the promised length. */
  readonly whole: boolean;
  /** Whether 100 Continue was sent before it. */
  readonly continued: boolean;
}

/** The server's input to `keepsAlive()`. */
export interface ServerSide {
  /** Whether `protocol_version` is HTTP/1.1 or later. */
  readonly persistent: boolean;
  /** Whether the server is closing. */
  readonly stopping: boolean;
  /** Whether the request body is not fully read. */
  readonly bodyUnread: boolean;
  /** The handler's `close_connection`, as set by code or by a `Connection` header. */
  readonly close_connection: boolean;
}

/**
 * Decides whether another request may follow on the connection.
 *
 * @param request The request, or `undefined` if it could not be parsed.
 * @param response The response. Before the response: whether the request asks to stay open.
 * @param server The server.
 * @returns Whether to keep the connection open.
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
  // Without 100 Continue, the next bytes may be the body or another request
  // (RFC 9110 §10.1.1).
  if (request.expectContinue && !response.continued && server.bodyUnread) {
    return false;
  }
  return !server.close_connection && response.ended && response.delimited &&
    response.whole;
}
