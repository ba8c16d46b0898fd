// node check-summary.mjs SUMMARY: fails unless the run has no news and caught every canary that was planted.
import { readFileSync } from 'node:fs';

const { plan, cells, counts, canaries, news, exitCode } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const outcomes = Object.entries(counts).map(([outcome, count]) => `${count} ${outcome}`);
console.log(
  `${plan}: ${cells} cells, ${outcomes.join(', ')}; ${canaries.caught} of ${canaries.planted} canaries caught`,
);

const wrong = [];
if (exitCode !== 0)
  wrong.push(`the run ended ${exitCode}: ${news.map(({ id, what }) => `${id}: ${what}`).join('; ')}`);
if (canaries.planted === 0) wrong.push('no canary was planted');
if (canaries.caught !== canaries.planted) wrong.push('not every canary was caught');
if (counts.passed === 0) wrong.push('no cell passed');
for (const what of wrong) console.error(`smoke run: ${what}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
