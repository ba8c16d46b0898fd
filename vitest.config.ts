import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['suites/**/*.test.ts'],
    reporters: [
      'default',
      // A step for each assertion would bury the cells' own under thousands of properties.
      ['allure-vitest/reporter', { resultsDir: 'out/allure-results', reportMatchers: false }],
      ['json', { outputFile: 'out/vitest.json' }],
    ],
    setupFiles: ['./suites/seed.ts', 'allure-vitest/setup'],
    // Generated cells are many tests in few files: a file costs a worker's start, a test next to nothing.
    pool: 'threads',
    maxWorkers: 2,
    // Generous: two cores may be shared with whatever else the machine does.
    testTimeout: 60_000,
  },
});
