/** Where a disk says which image it holds. */
export const STAMP_PATH = '/etc/rhubarbe-image';

/** A line of a stamp: one save. */
export interface StampLine {
  /** Local time of the save, such as `2026-11-02@10:14`. */
  readonly time: string;
  readonly node: string;
  /** The name that the image got. */
  readonly image: string;
  readonly login: string;
  readonly comment?: string;
  /** The first 12 digits of the image that the disk held before; only in lines of ours. */
  readonly parent?: string;
}

const LINE =
  /^(?<time>\d{4}-\d\d-\d\d@\d\d:\d\d) - node (?<node>\S+) - image (?<image>\S+) - by (?<login>\S+)(?: - (?<comment>.*?))??(?: - from (?<parent>[0-9a-f]{12}))?$/;

/** Reads a line of a stamp; `undefined` if it is none. */
export function parseStampLine(line: string): StampLine | undefined {
  const groups = LINE.exec(line)?.groups;
  if (!groups) return undefined;
  const { time = '', node = '', image = '', login = '', comment, parent } = groups;
  return {
    ...{ time, node, image, login },
    ...(comment !== undefined && comment !== '' && { comment }),
    ...(parent !== undefined && { parent }),
  };
}

/** Writes a line of a stamp, in the shape that rhubarbe reads too. */
export function formatStampLine({ time, node, image, login, comment, parent }: StampLine): string {
  const words = [time, `node ${word(node)}`, `image ${word(image)}`, `by ${word(login)}`];
  // Two kinds of text would be read back as something else: line ends, and a comment that ends like a parent.
  const plain = comment
    ?.replace(/\s+/g, ' ')
    .trim()
    .replace(/ - from [0-9a-f]{12}$/, '');
  if (plain !== undefined && plain !== '' && !/^from [0-9a-f]{12}$/.test(plain)) words.push(plain);
  if (parent !== undefined) words.push(`from ${parent}`);
  return words.join(' - ');
}

/** The lines of a stamp file, oldest first; the last one names the present image, all of them are its lineage. */
export function stampLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The time of a stamp line, of ms since the epoch, in UTC. */
export function stampTime(rfc3339: string): string {
  return `${rfc3339.slice(0, 10)}@${rfc3339.slice(11, 16)}`;
}

function word(text: string): string {
  return text.trim().replace(/\s+/g, '_');
}
