import type { KnownFailures } from '../../matrix/schema/plan.ts';
import type { CellResult, Failure, RunSummary } from '../../reports/result.ts';

export type KnownFailure = KnownFailures[number];
export type News = RunSummary['news'];

export interface Judgement {
  /** The results with `known` set where an entry excuses them. */
  readonly results: readonly CellResult[];
  readonly news: News;
}

/**
 * What is new since people last looked. An entry excuses the cells it matches while its date has not passed (`today`
 * and `until` are `YYYY-MM-DD`, the day itself still counts). News are: a failure that no entry excuses, an excused
 * cell that has another outcome now, an entry past its date, a canary that was missed or whose blame went astray.
 * `infra-error` and `not-run` are no news: they say that the run itself is incomplete.
 */
export function findNews(
  results: readonly CellResult[],
  known: KnownFailures,
  matches: (entry: KnownFailure, result: CellResult) => boolean,
  today: string,
): Judgement {
  const news: { id: string; what: string }[] = [];
  const current = known.filter((entry) => entry.until >= today);
  const judged = results.map((result) => {
    if (result.canary !== undefined) {
      const missed = canaryNews(result);
      if (missed !== undefined) news.push({ id: result.id, what: missed });
      return result;
    }
    if (result.outcome === 'skipped' || result.outcome === 'not-run') return result;
    const entries = current.filter((entry) => matches(entry, result));
    const excuse = entries.find((entry) => entry.outcome === result.outcome);
    if (excuse !== undefined) return { ...result, known: excused(excuse) };
    if (result.outcome === 'failed') news.push({ id: result.id, what: `new failure: ${headline(result)}` });
    else if (entries[0] !== undefined && result.outcome !== 'infra-error') {
      news.push({
        id: result.id,
        what: `known as ${entries[0].outcome} (${entries[0].because}), now ${result.outcome}`,
      });
    }
    return result;
  });
  known.forEach((entry, index) => {
    if (entry.until < today)
      news.push({ id: `known-failures#${index + 1}`, what: `expired on ${entry.until}: ${entry.because}` });
  });
  return { results: judged, news };
}

/** 0 no news, 1 news, 2 when an infra-error or a cell not run leaves the run incomplete, whatever the rest says. */
export function exitCode(results: readonly CellResult[], news: News): 0 | 1 | 2 {
  const incomplete = results.some(
    (result) =>
      result.outcome === 'not-run' || (result.outcome === 'infra-error' && result.known === undefined),
  );
  return incomplete ? 2 : news.length > 0 ? 1 : 0;
}

/** What a canary that ran to its end shows other than what was planted; undefined for any other cell. */
export function canaryNews(result: CellResult): string | undefined {
  const canary = result.canary;
  if (
    canary === undefined ||
    canary.caught ||
    result.outcome === 'not-run' ||
    result.outcome === 'infra-error'
  )
    return undefined;
  const wanted = `expected to fail by ${canary.rule}, blaming ${canary.side}`;
  if (result.outcome !== 'failed') return `canary missed: ${wanted}; it is ${result.outcome}`;
  const { failures } = result;
  const planted = failures.findIndex(({ rule, blame }) => rule === canary.rule && blame.side === canary.side);
  if (planted < 0) return `canary misblamed: ${wanted}; found ${told(failures)}`;
  const others = failures.filter(({ blame }, at) => at < planted || blame.side !== canary.side);
  return `canary not alone: ${canary.rule} (${canary.side}) was found as planted; also found, not expected: ${told(others)}`;
}

function told(failures: readonly Failure[]): string {
  return [...new Set(failures.map(({ rule, blame }) => `${rule} (${blame.side})`))].join(', ');
}

/** The cause alone, so that cells that fail alike have one; what was seen of it differs from cell to cell. */
function headline({ rule, blame }: CellResult): string {
  return blame === undefined ? `${rule}` : `${rule}, ${blame.side} is to blame`;
}

function excused(entry: KnownFailure): NonNullable<CellResult['known']> {
  return {
    because: entry.because,
    until: entry.until,
    ...(entry.link === undefined ? {} : { link: entry.link }),
  };
}
