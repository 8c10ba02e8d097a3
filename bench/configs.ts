// Configuration files of peers.

import { HOST } from "./exchange.ts";

/** What a configuration depends on. */
export interface Place {
  /** The folder to serve. */
  readonly www: string;
  /** A folder for the server itself. */
  readonly folder: string;
  readonly port: number;
  /** How many connections it must accept at once. */
  readonly connections: number;
  /** The certificate and its key; with them, the server speaks TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** The URL of the server to forward all requests to, without a path; by default none. */
  readonly upstream?: string;
}

/** How nginx sends files. */
export interface NginxOptions {
  readonly sendfile: boolean;
  readonly openFileCache: boolean;
}

/** The configuration of nginx with one worker. */
export function nginxConfig(place: Place, options: NginxOptions): string {
  const { www, folder, port, tls, upstream } = place;
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections ${place.connections}; }
http {
  ${temporary.map((name) => `${name}_temp_path ${folder}/temp;`).join("\n  ")}
  access_log ${folder}/access.log;
  sendfile ${options.sendfile ? "on" : "off"};
  ${
    options.openFileCache
      ? "open_file_cache max=10000 inactive=60s; open_file_cache_errors on;"
      : ""
  }
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  types { text/plain txt; text/html html; application/octet-stream bin; }
  ${
    upstream === undefined
      ? ""
      : `upstream other { server ${
        new URL(upstream).host
      }; keepalive 64; keepalive_requests 1000000000; }`
  }
  server {
    listen ${HOST}:${port}${tls === undefined ? "" : " ssl"};
    ${
    tls === undefined
      ? ""
      : `ssl_certificate ${tls.certificate}; ssl_certificate_key ${tls.key};`
  }
    ${
    upstream === undefined ? `root ${www}; autoindex on;` : `location / {
      proxy_pass http://other;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $host;
    }`
  }
  }
}
`;
}

/** The configuration of lighttpd with its access log. */
export function lighttpdConfig(
  { www, folder, port, connections }: Place,
): string {
  return `server.modules = ("mod_accesslog")
server.document-root = "${www}"
server.bind = "${HOST}"
server.port = ${port}
server.errorlog = "${folder}/error.log"
server.max-fds = ${2 * connections}
server.max-connections = ${connections}
server.max-keep-alive-requests = 65535
server.max-keep-alive-idle = 300
accesslog.filename = "${folder}/access.log"
dir-listing.activate = "enable"
mimetype.assign = (
  ".txt" => "text/plain", ".html" => "text/html",
  ".bin" => "application/octet-stream"
)
`;
}
