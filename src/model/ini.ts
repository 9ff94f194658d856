import { RestageError } from '../errors.ts';

/** One value of an INI file, and where it stands. A section header is an entry without key: it may be all there is. */
export interface IniEntry {
  readonly section: string;
  /** Empty for the header of the section. */
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

/** A line that says something: not empty, no comment. */
interface Line {
  readonly number: number;
  readonly indent: number;
  readonly text: string;
}

/**
 * Reads an INI file as the programs do whose files restage also reads (Python's configparser).
 *
 * Section names and values are taken as they are written, with dots, ` ;` and ` #`: a comment has a line of its own,
 * which begins with `#` or `;`. A key ends at the first `=` or `:`. A line that is indented deeper than its key goes on
 * with the value, a newline between. Keys keep their case. The package `ini` would cut sections at dots and values
 * at ` ;`, and knows no line numbers.
 *
 * @param file - names the file in what is said when it is malformed
 * @throws {RestageError} `config/malformed` with file and line
 */
export function parseIni(text: string, file: string): readonly IniEntry[] {
  const entries: IniEntry[] = [];
  let section: string | undefined;
  let keyIndent = Infinity;
  for (const line of linesOf(text)) {
    const last = entries.at(-1);
    if (last && line.indent > keyIndent) {
      entries[entries.length - 1] = { ...last, value: `${last.value}\n${line.text}`.trimStart() };
      continue;
    }
    const header = /^\[(.+)\]\s*(?:[#;].*)?$/.exec(line.text)?.[1];
    if (header !== undefined) {
      section = header.trim();
      entries.push({ section, key: '', value: '', line: line.number });
      keyIndent = Infinity;
      continue;
    }
    const [, key, value = ''] = /^([^=:]+?)\s*[=:]\s*(.*)$/s.exec(line.text) ?? [];
    if (key === undefined) throw malformed(line, file, 'neither [section] nor key = value');
    if (section === undefined) throw malformed(line, file, `the key ${key} stands before any [section]`);
    entries.push({ section, key, value, line: line.number });
    keyIndent = line.indent;
  }
  return entries;
}

function linesOf(text: string): readonly Line[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, index) => ({ number: index + 1, indent: line.search(/\S/), text: line.trim() }))
    .filter((line) => line.text !== '' && !/^[#;]/.test(line.text));
}

function malformed({ number, text }: Line, file: string, problem: string): RestageError {
  return new RestageError('config/malformed', `${file}:${number}: ${problem}: ${JSON.stringify(text.slice(0, 60))}`, {
    hint: `Write \`key = value\` in line ${number}, or begin it with # to make it a comment`,
    details: { file, line: number },
  });
}
