import type { EngineEvent } from '../../model/event.ts';
import type { Json } from '../../model/json.ts';
import { stepText } from './progress.ts';

type Details = Readonly<Record<string, Json>>;

/** What each note says. One that is not here is shown with its word and its details. */
const NOTES: Readonly<Record<string, (details: Details) => string>> = {
  'not-mirrored': ({ directory, why }) => `NOT copied to the mirror ${text(directory)}: ${text(why)}`,
  'not-excluded': ({ file, line, why }) => `git is not told to ignore ${text(line)} (${text(file)}: ${text(why)})`,
};

/** What an event is worth a line of its own for; `undefined` when it is not. */
export function eventText(event: EngineEvent): string | undefined {
  switch (event.type) {
    case 'layer-skipped':
      return `${event.layer} left out: ${event.reason}`;
    case 'step-done':
      return `${event.index + 1}/${event.count} ${stepText(event.step)}`;
    case 'step-failed':
      return `failed: ${stepText(event.step)}: ${event.message}`;
    case 'note':
      return noteText(event.note, event.details);
    case 'progress':
    case 'step-started':
      return undefined;
  }
}

function noteText(note: string, details: Details): string {
  const known = NOTES[note];
  if (known) return known(details);
  const facts = Object.entries(details).map(([name, value]) => `${name} ${text(value)}`);
  return [note.replaceAll('-', ' '), ...facts].join(', ');
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
