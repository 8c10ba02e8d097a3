// Media types as CPython's `mimetypes` guesses them: the table of `@std/media-types`, with
// overrides where CPython's differs. Unlike CPython, it doesn't read the system's mime.types.

import { typeByExtension } from "../text/media_type_table.ts";

/** The extensions for which CPython's table and that of `@std/media-types` differ. */
const DIFFERENT: ReadonlyMap<string, string> = new Map([
  [".3g2", "audio/3gpp2"],
  [".3gp", "audio/3gpp"],
  [".3gpp", "audio/3gpp"],
  [".3gpp2", "audio/3gpp2"],
  [".a", "application/octet-stream"],
  [".ass", "audio/aac"],
  [".avi", "video/vnd.avi"],
  [".bat", "text/plain"],
  [".c", "text/plain"],
  [".dll", "application/octet-stream"],
  [".exe", "application/octet-stream"],
  [".flac", "audio/flac"],
  [".h", "text/plain"],
  [".h5", "application/x-hdf5"],
  [".ksh", "text/plain"],
  [".loas", "audio/aac"],
  [".m3u", "application/vnd.apple.mpegurl"],
  [".man", "application/x-troff-man"],
  [".me", "application/x-troff-me"],
  [".mht", "message/rfc822"],
  [".mhtml", "message/rfc822"],
  [".mif", "application/x-mif"],
  [".mk3d", "video/matroska-3d"],
  [".mka", "audio/matroska"],
  [".mkv", "video/matroska"],
  [".mpa", "video/mpeg"],
  [".ms", "application/x-troff-ms"],
  [".nws", "message/rfc822"],
  [".o", "application/octet-stream"],
  [".obj", "application/octet-stream"],
  [".opus", "audio/opus"],
  [".pl", "text/plain"],
  [".ppa", "application/vnd.ms-powerpoint"],
  [".pwz", "application/vnd.ms-powerpoint"],
  [".py", "text/x-python"],
  [".pyc", "application/x-python-code"],
  [".pyo", "application/x-python-code"],
  [".ram", "application/x-pn-realaudio"],
  [".rdf", "application/xml"],
  [".roff", "application/x-troff"],
  [".rpm", "application/x-rpm"],
  [".rst", "text/x-rst"],
  [".rtf", "text/rtf"],
  [".sgm", "text/x-sgml"],
  [".sgml", "text/x-sgml"],
  [".srt", "text/plain"],
  [".t", "application/x-troff"],
  [".tr", "application/x-troff"],
  [".wav", "audio/vnd.wave"],
  [".wiz", "application/msword"],
  [".wsdl", "application/xml"],
  [".xlb", "application/vnd.ms-excel"],
  [".xml", "text/xml"],
  [".xpdl", "application/xml"],
  [".yaml", "application/yaml"],
  [".yml", "application/yaml"],
  // Short for ".svg.gz", ".tar.Z", ".tar.bz2" and so on: the type is that of the content.
  [".svgz", "image/svg+xml"],
  [".taz", "application/x-tar"],
  [".tbz2", "application/x-tar"],
  [".tgz", "application/x-tar"],
  [".txz", "application/x-tar"],
  [".tz", "application/x-tar"],
]);

/**
 * Returns the media type for an extension.
 *
 * @param extension The extension in lower case, including its dot; or an empty string.
 * @returns The type without a charset, or `undefined` if it is unknown.
 */
export function mediaType(extension: string): string | undefined {
  return DIFFERENT.get(extension) ?? typeByExtension(extension);
}
