import { z } from 'zod';
import { ForgeRefusal, type Forge } from '#engine/ports/delivery.port.js';
import { forgeRepository, type ForgePlace, type ForgeRepository } from './forge-place.js';

const TIMEOUT_MS = 20_000;
/** Of what a forge says of a refusal. */
const MAX_SAID = 300;

const pullRequest = z.object({ number: z.int(), html_url: z.string() });
const problem = z.object({
  message: z.string().default(''),
  errors: z.array(z.object({ message: z.string().optional(), code: z.string().optional() })).default([]),
});

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Pull requests of GitHub, and of what answers like it. Without a token it knows no origin. */
export class GitHubForge implements Forge {
  constructor(
    private readonly place: ForgePlace,
    private readonly token: string | null,
  ) {}

  knows(origin: string): boolean {
    return this.token !== null && forgeRepository(origin, this.place) !== null;
  }

  async openPullRequest(
    input: Parameters<Forge['openPullRequest']>[0],
  ): ReturnType<Forge['openPullRequest']> {
    const { origin, head, base, title, body } = input;
    const repository = forgeRepository(origin, this.place);
    if (repository === null)
      throw new ForgeRefusal(`The origin is not at ${this.place.host}.`, 'Finish with print.');
    const open = await this.find(repository, head, base);
    if (open !== null) return this.update(repository, open, { title, body });
    const answer = await this.ask(repository, 'POST', '/pulls', { title, head, base, body });
    if (answer.status === 201) return read(answer);
    // Somebody was faster: another process of ours, or a person.
    const made = answer.status === 422 ? await this.find(repository, head, base) : null;
    if (made === null) throw this.refusal(repository, answer);
    return this.update(repository, made, { title, body });
  }

  private async find({ owner, name }: ForgeRepository, head: string, base: string): Promise<number | null> {
    const query = new URLSearchParams({ state: 'open', head: `${owner}:${head}`, base });
    const answer = await this.ask({ owner, name }, 'GET', `/pulls?${query}`);
    if (answer.status !== 200) throw this.refusal({ owner, name }, answer);
    const found = z.array(pullRequest).safeParse(answer.body);
    if (!found.success) throw new Error('the forge answered with something that is no list of pull requests');
    return found.data[0]?.number ?? null;
  }

  private async update(
    repository: ForgeRepository,
    number: number,
    text: { readonly title: string; readonly body: string },
  ): ReturnType<Forge['openPullRequest']> {
    const answer = await this.ask(repository, 'PATCH', `/pulls/${number}`, text);
    if (answer.status !== 200) throw this.refusal(repository, answer);
    return read(answer);
  }

  /** @throws Error for what passes by itself: no answer, a forge that is busy or broken */
  private async ask(
    { owner, name }: ForgeRepository,
    method: string,
    path: string,
    body?: object,
  ): Promise<Answer> {
    const response = await fetch(`${this.place.api}/repos/${owner}/${name}${path}`, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        'content-type': 'application/json',
        'user-agent': 'planwright',
        'x-github-api-version': '2022-11-28',
        authorization: `Bearer ${this.token ?? ''}`,
      },
      // Another address would be told the token.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new Error(`${this.place.api} cannot be reached: ${reasonOf(error)}`);
    });
    const { status } = response;
    const limited =
      status === 429 || (status === 403 && response.headers.get('x-ratelimit-remaining') === '0');
    if (status >= 500 || limited) throw new Error(`${this.place.api} answered with ${status}`);
    return { status, body: await response.json().catch(() => null) };
  }

  private refusal({ owner, name }: ForgeRepository, { status, body }: Answer): ForgeRefusal {
    const parsed = problem.safeParse(body);
    const said = parsed.success
      ? [parsed.data.message, ...parsed.data.errors.map((each) => each.message ?? each.code ?? '')]
      : [];
    const words = said.filter((text) => text !== '').join('; ');
    const shown = words === '' ? '' : ` (${this.withoutToken(words).slice(0, MAX_SAID)})`;
    const where = `${this.place.host}/${owner}/${name}`;
    if (status === 401 || status === 403 || status === 404) {
      return new ForgeRefusal(
        `The forge does not let us open a pull request at ${where}: ${status}${shown}.`,
        'Give the API a PLANWRIGHT_FORGE_TOKEN that may read and write pull requests there, and restart it.',
      );
    }
    return new ForgeRefusal(
      `The forge refused a pull request at ${where}: ${status}${shown}.`,
      'Mend that, then finish again; or finish with print.',
    );
  }

  private withoutToken(text: string): string {
    return this.token === null ? text : text.replaceAll(this.token, '***');
  }
}

function read({ body }: Answer): { readonly number: number; readonly url: string } {
  const { number, html_url: url } = pullRequest.parse(body);
  return { number, url };
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as {
    readonly message?: string;
    readonly cause?: { readonly message?: string };
  };
  return cause?.message ?? message ?? 'no reason given';
}
