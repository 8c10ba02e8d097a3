// Media types as CPython guesses them. The well-kept table of `@std/media-types` has
// them; where CPython's own table says otherwise, this one does, since the type is
// seen on the wire. What a machine's own tables add in CPython is not looked at.

import { typeByExtension } from "@std/media-types";

/** The extensions for which CPython's table and the usual one differ. */
const DIFFERENT: Readonly<Record<string, string>> = {
  ".3g2": "audio/3gpp2",
  ".3gp": "audio/3gpp",
  ".3gpp": "audio/3gpp",
  ".3gpp2": "audio/3gpp2",
  ".a": "application/octet-stream",
  ".ass": "audio/aac",
  ".avi": "video/vnd.avi",
  ".bat": "text/plain",
  ".c": "text/plain",
  ".dll": "application/octet-stream",
  ".exe": "application/octet-stream",
  ".flac": "audio/flac",
  ".h": "text/plain",
  ".h5": "application/x-hdf5",
  ".ksh": "text/plain",
  ".loas": "audio/aac",
  ".m3u": "application/vnd.apple.mpegurl",
  ".man": "application/x-troff-man",
  ".me": "application/x-troff-me",
  ".mht": "message/rfc822",
  ".mhtml": "message/rfc822",
  ".mif": "application/x-mif",
  ".mk3d": "video/matroska-3d",
  ".mka": "audio/matroska",
  ".mkv": "video/matroska",
  ".mpa": "video/mpeg",
  ".ms": "application/x-troff-ms",
  ".nws": "message/rfc822",
  ".o": "application/octet-stream",
  ".obj": "application/octet-stream",
  ".opus": "audio/opus",
  ".pl": "text/plain",
  ".ppa": "application/vnd.ms-powerpoint",
  ".pwz": "application/vnd.ms-powerpoint",
  ".py": "text/x-python",
  ".pyc": "application/x-python-code",
  ".pyo": "application/x-python-code",
  ".ram": "application/x-pn-realaudio",
  ".rdf": "application/xml",
  ".roff": "application/x-troff",
  ".rpm": "application/x-rpm",
  ".rst": "text/x-rst",
  ".rtf": "text/rtf",
  ".sgm": "text/x-sgml",
  ".sgml": "text/x-sgml",
  ".srt": "text/plain",
  ".t": "application/x-troff",
  ".tr": "application/x-troff",
  ".wav": "audio/vnd.wave",
  ".wiz": "application/msword",
  ".wsdl": "application/xml",
  ".xlb": "application/vnd.ms-excel",
  ".xml": "text/xml",
  ".xpdl": "application/xml",
  ".yaml": "application/yaml",
  ".yml": "application/yaml",
  // An extension that stands for two, of which the first tells the type.
  ".svgz": "image/svg+xml",
  ".taz": "application/x-tar",
  ".tbz2": "application/x-tar",
  ".tgz": "application/x-tar",
  ".txz": "application/x-tar",
  ".tz": "application/x-tar",
};

/** More extensions than any folder has; a bound on what requests can make us hold. */
const MAX_KNOWN = 1_000;

/** What was asked for before: the table's own look-up would cost more than sending a file. */
const known = new Map<string, string | undefined>(Object.entries(DIFFERENT));

/**
 * The media type for an extension.
 *
 * @param extension The extension in lower case with its dot, or empty.
 * @returns The type without a charset, `undefined` where none is known.
 */
export function mediaType(extension: string): string | undefined {
  if (extension === "" || known.has(extension)) return known.get(extension);
  const type = typeByExtension(extension);
  if (known.size < MAX_KNOWN) known.set(extension, type);
  return type;
}
