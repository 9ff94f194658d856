import { Buffer } from 'node:buffer';
import { RestageError } from '../../errors.ts';

/** Titles of sections that say something about the section before them. */
export const OPTION_TITLES = ['encoding', 'expect', 'request', 'producer', 'inputs', 'reply'] as const;

/** The title of an option section. */
export type OptionTitle = (typeof OPTION_TITLES)[number];

/** One section of a stacked stream, with the options that follow it. */
export interface Section {
  /** What stands behind the five `=`, without blanks around it. */
  readonly title: string;
  /** Decoded: exactly the bytes that the sender meant. */
  readonly body: Buffer;
  readonly options: Readonly<Partial<Record<OptionTitle, string>>>;
  /** Where its header stands, from 1. */
  readonly line: number;
}

/** A section as it stands in the message. */
interface RawSection {
  readonly title: string;
  readonly body: Buffer;
  readonly line: number;
}

const [NEWLINE, TAB, EQUALS, BACKSLASH, LETTER_T] = [0x0a, 0x09, 0x3d, 0x5c, 0x74];
const HEADER_BYTES = 5;
/** Longer lines are copied by the runtime, shorter ones faster by hand. */
const LONG_LINE = 48;
const MOST_SECTIONS = 10_000;
const MOST_TITLE_BYTES = 2048;
const DECODER = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a stacked stream, byte by byte.
 *
 * A header is five `=` and a title to the end of the line. Lines of a body begin with one TAB (or the two characters
 * `\t`), which is removed; line ends belong to the body, so that a body may be any bytes, a stacked stream too. The
 * newline before the next header belongs to the body unless an `encoding` section says `no-newline`; the last body
 * ends where the message ends. `encoding` may also say `base64`, or `frame N`: the Nth frame of the message, where
 * the stacked stream itself is the first.
 *
 * @throws {RestageError} `wire/malformed` with the line, `wire/too-large` for more sections than anyone needs
 */
export function parseStacked(message: Uint8Array, frames: readonly Uint8Array[] = []): readonly Section[] {
  const sections: Section[] = [];
  for (const raw of parseSections(message)) {
    const last = sections.at(-1);
    const option = OPTION_TITLES.find((title) => title === raw.title);
    if (option === undefined) sections.push({ ...raw, options: {} });
    else if (!last) throw malformed(raw.line, `section ${option} qualifies nothing: it stands first`);
    else sections[sections.length - 1] = withOption(last, option, raw, frames);
  }
  return sections;
}

function parseSections(message: Uint8Array): readonly RawSection[] {
  if (message.length === 0) throw new RestageError('wire/malformed', 'the message is empty', { details: { line: 1 } });
  const sections: RawSection[] = [];
  // All bodies lie in one buffer, one behind the other: it is never longer than the message.
  const out = Buffer.allocUnsafe(message.length);
  let [title, headerLine, bodyStart, filled]: [string | undefined, number, number, number] = [undefined, 1, 0, 0];
  const finish = () => {
    if (title === undefined) return;
    if (sections.length >= MOST_SECTIONS)
      throw new RestageError('wire/too-large', `more than ${MOST_SECTIONS} sections`);
    sections.push({ title, body: out.subarray(bodyStart, filled), line: headerLine });
  };
  for (let start = 0, line = 1; start < message.length; line++) {
    const newline = message.indexOf(NEWLINE, start);
    const end = newline < 0 ? message.length : newline + 1;
    if (isHeader(message, start)) {
      finish();
      [title, headerLine, bodyStart] = [titleOf(message.subarray(start + HEADER_BYTES, end), line), line, filled];
    } else {
      const indent = indentAt(message, start);
      if (title === undefined || indent === 0) throw malformed(line, flawOf(message.subarray(start, end), title));
      filled = copyLine(message, start + indent, end, out, filled);
    }
    start = end;
  }
  finish();
  return sections;
}

function isHeader(message: Uint8Array, start: number): boolean {
  for (let offset = 0; offset < HEADER_BYTES; offset++) if (message[start + offset] !== EQUALS) return false;
  return true;
}

/** How many bytes stand for the TAB: one, or two where it is written as `\t`; 0: it is missing. */
function indentAt(message: Uint8Array, start: number): 0 | 1 | 2 {
  if (message[start] === TAB) return 1;
  return message[start] === BACKSLASH && message[start + 1] === LETTER_T ? 2 : 0;
}

function copyLine(message: Uint8Array, start: number, end: number, out: Buffer, at: number): number {
  if (end - start > LONG_LINE) out.set(message.subarray(start, end), at);
  else for (let offset = 0; offset < end - start; offset++) out[at + offset] = message[start + offset] ?? 0;
  return at + end - start;
}

function titleOf(bytes: Uint8Array, line: number): string {
  if (bytes.length > MOST_TITLE_BYTES) throw malformed(line, 'the title is too long');
  try {
    return DECODER.decode(bytes).trim();
  } catch {
    throw malformed(line, 'the title is not UTF-8');
  }
}

function flawOf(line: Uint8Array, title: string | undefined): string {
  if (title === undefined) return 'no header: a message begins with five =';
  const isBlank = line.every((byte) => byte === NEWLINE || byte === 0x0d);
  return isBlank ? 'blank line: within a body, even an empty line begins with a TAB' : 'missing TAB before the line';
}

function withOption(section: Section, option: OptionTitle, raw: RawSection, frames: readonly Uint8Array[]): Section {
  if (section.options[option] !== undefined) throw malformed(raw.line, `section ${option} stands twice`);
  const value = raw.body.toString('utf8').trim();
  const options = { ...section.options, [option]: value };
  return { ...section, options, ...(option === 'encoding' && { body: decode(section.body, value, raw.line, frames) }) };
}

function decode(body: Buffer, encoding: string, line: number, frames: readonly Uint8Array[]): Buffer {
  if (encoding === 'no-newline') return body.at(-1) === NEWLINE ? body.subarray(0, -1) : body;
  if (encoding === 'base64') return decodeBase64(body, line);
  const number = /^frame (\d{1,4})$/.exec(encoding)?.[1];
  if (number === undefined) throw malformed(line, 'encoding is no-newline, base64 or frame N');
  const frame = Number(number) >= 2 ? frames[Number(number) - 1] : undefined;
  if (!frame) throw malformed(line, `the message has no frame ${number} besides the first`);
  if (body.length > 0) throw malformed(line, `the content is frame ${number}, and there is a body too`);
  return Buffer.from(frame.buffer, frame.byteOffset, frame.length);
}

function decodeBase64(body: Buffer, line: number): Buffer {
  const text = body.toString('latin1').replaceAll(/[\r\n\t ]/g, '');
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw malformed(line, 'the body is not base64');
  return Buffer.from(text, 'base64');
}

function malformed(line: number, why: string): RestageError {
  return new RestageError('wire/malformed', `line ${line}: ${why}`, { details: { line } });
}
