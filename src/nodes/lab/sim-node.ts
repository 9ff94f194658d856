import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import { z } from 'zod';
import { digestOf } from '../../model/digest.ts';
import type { PowerState } from '../../model/node.ts';
import type { Context } from '../../platform/context.ts';
import type { HttpAnswer, HttpRequest } from '../../platform/http-server.ts';
import type { CardDevice } from './card.ts';
import { BLOCK_SIZE, bootedKernel, incompleteMark, readFiles, writeFiles } from './disk.ts';
import type { Fault } from './faults.ts';
import { labPaths, type SimState } from './lab-file.ts';

/** What a simulated node stands on. */
export type SimContext = Pick<Context, 'files' | 'clock' | 'random'>;

/** The name, the boot entry and the faults of a simulated node. */
export interface SimOptions {
  readonly name: string;
  /** The folder of the lab. */
  readonly directory: string;
  /** The name of its boot entry, such as `01-52-54-00-00-03-01`. */
  readonly bootEntry: string;
  readonly fault: () => Promise<Fault>;
}

/** From power-on to an answer, in ms: an ordinary boot, and one with the fault `slow`. */
const BOOT_MS = { ordinary: 40, slow: 1000 } as const;

const ExecBody = z.object({ file: z.string(), args: z.array(z.string()) });

/**
 * A node of the lab: off, starting, or up as the system of its disk or as the agent.
 *
 *            on                  boot time over
 *   off ──────────▶ starting ───────────────────▶ up (disk | agent)
 *    ▲                │  ▲                            │
 *    └────── off ─────┴──┼──────────── off ───────────┤
 *                        └──────── reset, finish ─────┘
 *
 * Its state is durable before it is true, so that a killed lab comes back as it was: with the same boot ids, since a
 * machine does not restart when somebody stops watching it. A disk without a boot block never comes up.
 */
export class SimNode implements CardDevice {
  readonly #options: SimOptions;
  readonly #context: SimContext;
  #state: SimState;
  /** On the monotonic clock; infinite for a system that hangs. */
  #upAt: number;
  #last: Promise<void> = Promise.resolve();

  constructor(options: SimOptions, state: SimState, context: SimContext) {
    this.#options = options;
    this.#context = context;
    this.#state = state;
    this.#upAt = context.clock.monotonic();
  }

  power(): PowerState {
    return this.#state.power;
  }

  outlet(name: string): PowerState {
    return this.#state.outlets[name] ?? 'off';
  }

  info(): string {
    return `node ${this.#options.name}\nfirmware restage sim card 1\npower ${this.power()}`;
  }

  async setPower(want: PowerState): Promise<void> {
    await this.#inTurn(async () => {
      if (want === 'on') await this.#boot();
      else await this.#become({ ...this.#state, power: 'off' });
    });
  }

  async reset(): Promise<void> {
    await this.#inTurn(() => this.#boot());
  }

  async setOutlet(name: string, want: PowerState): Promise<void> {
    await this.#inTurn(() => this.#become({ ...this.#state, outlets: { ...this.#state.outlets, [name]: want } }));
  }

  /**
   * Answers on the node's own port; silent unless it is up. `POST /exec` runs a program of its system, `PUT /files/PATH`
   * changes a file of its disk, `GET /disk` is the whole disk; as the agent it knows `/agent`.
   */
  async answer(request: HttpRequest): Promise<HttpAnswer> {
    if (this.#state.power === 'off' || this.#context.clock.monotonic() < this.#upAt) return 'drop';
    const route = `${request.method} ${request.path}`;
    if (route === 'GET /disk') return { status: 200, body: await this.#disk() };
    if (this.#state.system === 'disk') return this.#answerAsSystem(request);
    switch (route) {
      case 'GET /agent':
        return { status: 200, body: `${this.#options.name}\n` };
      case 'PUT /agent/disk':
        return this.#write(await request.body());
      case 'POST /agent/finish':
        await this.reset();
        return { status: 200, body: 'ok\n' };
      default:
        return NOT_FOUND;
    }
  }

  async #answerAsSystem({ method, path, body }: HttpRequest): Promise<HttpAnswer> {
    if (method === 'POST' && path === '/exec') return this.#exec(await body());
    if (method !== 'PUT' || !path.startsWith('/files/')) return NOT_FOUND;
    const content = (await body()).toString('utf8');
    await this.#inTurn(async () => {
      const disk = await this.#disk();
      writeFiles(disk, { ...readFiles(disk), [path.slice('/files'.length)]: content });
      await this.#context.files.write(labPaths(this.#options.directory).disk(this.#options.name), disk);
    });
    return { status: 200, body: 'ok\n' };
  }

  async #boot(): Promise<void> {
    const { directory, bootEntry, fault } = this.#options;
    const isArmed = await this.#context.files.exists(join(labPaths(directory).boot, bootEntry));
    const { boot } = await fault();
    const boots = isArmed || bootedKernel(await this.#disk()) !== undefined;
    this.#upAt = Number.POSITIVE_INFINITY;
    const bootId = this.#context.random.uuid();
    await this.#become({ ...this.#state, power: 'on', system: isArmed ? 'agent' : 'disk', bootId });
    if (!boots || boot === 'hang') return;
    this.#upAt = this.#context.clock.monotonic() + BOOT_MS[boot === 'slow' ? 'slow' : 'ordinary'];
  }

  async #become(state: SimState): Promise<void> {
    const { files } = this.#context;
    await files.write(labPaths(this.#options.directory).state(this.#options.name), JSON.stringify(state));
    this.#state = state;
  }

  #disk(): Promise<Buffer> {
    return this.#context.files.read(labPaths(this.#options.directory).disk(this.#options.name));
  }

  async #exec(body: Buffer): Promise<HttpAnswer> {
    const { file, args } = ExecBody.parse(JSON.parse(body.toString('utf8')));
    const result = runProgram(file, args, await this.#disk(), this.#state.bootId);
    return { status: 200, body: JSON.stringify(result) };
  }

  /** Marks the disk, writes all blocks but the first, then the first one; so that half an image does not boot. */
  async #write(content: Buffer): Promise<HttpAnswer> {
    const { agent } = await this.#options.fault();
    await using disk = await this.#context.files.open(
      labPaths(this.#options.directory).disk(this.#options.name),
      'write',
    );
    await disk.write(0, incompleteMark(this.#state.bootId));
    await disk.sync();
    await disk.truncate(content.length);
    for (let at = BLOCK_SIZE; at < content.length; at += BLOCK_SIZE) {
      if (typeof agent === 'object' && at / BLOCK_SIZE >= agent.dieAtBlock) {
        this.#upAt = Number.POSITIVE_INFINITY;
        return 'drop';
      }
      await disk.write(at, content.subarray(at, at + BLOCK_SIZE));
    }
    if (agent === 'corrupt') await disk.write(content.length - 1, Buffer.from('!'));
    await disk.sync();
    await disk.write(0, content.subarray(0, BLOCK_SIZE));
    await disk.sync();
    return { status: 200, body: `${digestOf(await disk.read(0, await disk.size()))}\n` };
  }

  #inTurn(action: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(action);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

const NOT_FOUND: HttpAnswer = { status: 404, body: 'not found\n' };

/** Runs one of the few programs that a simulated system has. */
function runProgram(
  file: string,
  args: readonly string[],
  disk: Buffer,
  bootId: string,
): { readonly status: number; readonly stdout: string } {
  if (file === 'true') return { status: 0, stdout: '' };
  const files: Readonly<Record<string, string>> = {
    ...readFiles(disk),
    '/proc/sys/kernel/random/boot_id': `${bootId}\n`,
    '/proc/sys/kernel/osrelease': `${bootedKernel(disk) ?? ''}\n`,
    '/sys/class/block/sda/size': `${disk.length / 512}\n`,
  };
  if (file !== 'cat') return { status: 127, stdout: '' };
  const contents = args.map((path) => files[path]);
  return { status: contents.includes(undefined) ? 1 : 0, stdout: contents.join('') };
}
