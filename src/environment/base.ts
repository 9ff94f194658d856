import type { EnvironmentBase } from '../model/environment.ts';
import type { Context } from '../platform/context.ts';

/** Reads what the software stands on: system, processor, kernel, C library. What cannot be found out is `null`. */
export async function readBase({ exec, files }: Pick<Context, 'exec' | 'files'>): Promise<EnvironmentBase> {
  const [release, cpu, kernel, machine, libc] = await Promise.all([
    readQuietly('/etc/os-release', files),
    readQuietly('/proc/cpuinfo', files),
    readQuietly('/proc/sys/kernel/osrelease', files),
    exec('uname', ['-m']),
    exec('getconf', ['GNU_LIBC_VERSION']),
  ]);
  return {
    os: parseOsRelease(release),
    arch: machine.status === 0 ? textOrNull(machine.stdout) : null,
    kernel: textOrNull(kernel),
    // A system with another C library does not know the word.
    libc: libc.status === 0 ? textOrNull(libc.stdout) : null,
    cpu: { model: parseCpuModel(cpu) },
  };
}

/** Reads `/etc/os-release`: shell assignments with or without quotes. */
export function parseOsRelease(text: string): EnvironmentBase['os'] {
  const values = new Map(
    Array.from(text.matchAll(/^([A-Z_]+)=(?:"([^"]*)"|'([^']*)'|(.*))$/gm), ([, key = '', ...forms]) => [
      key,
      forms.join(''),
    ]),
  );
  const value = (key: string) => textOrNull(values.get(key) ?? '');
  return { id: value('ID'), versionId: value('VERSION_ID'), codename: value('VERSION_CODENAME') };
}

/** Reads the first processor's name out of `/proc/cpuinfo`. */
export function parseCpuModel(text: string): string | null {
  return textOrNull(/^(?:model name|Model|cpu model|Hardware)\s*:\s*(.+)$/m.exec(text)?.[1] ?? '');
}

async function readQuietly(path: string, files: Pick<Context['files'], 'readIfExists'>): Promise<string> {
  try {
    return (await files.readIfExists(path)) ?? '';
  } catch {
    return ''; // What may not be read is not known.
  }
}

function textOrNull(text: string): string | null {
  const trimmed = text.trim();
  return trimmed === '' ? null : trimmed;
}
