#!/usr/bin/env node
import { launch } from './launch.mjs';

await launch('harness/cli/parley.ts', process.argv.slice(2));
