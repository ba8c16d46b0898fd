// node count-tests.mjs REPORT: the counts of vitest's JSON report as one plain line.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const skipped = report.numPendingTests + report.numTodoTests;
// A file that did not load has no failed test to count.
const broken = report.testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
);
for (const { name, message } of broken) console.error(`${name}: ${message}`);
console.log(
  `${report.numPassedTests} passed, ${report.numFailedTests + broken.length} failed, ${skipped} skipped`,
);
