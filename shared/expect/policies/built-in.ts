/** The trust policies that come as documents; `mozilla` and `system` are read from the machine. */
import { EOP_2014 } from './eop-2014.ts';
import { EOP_2018 } from './eop-2018.ts';
import { EOP_2021 } from './eop-2021.ts';
import { EOP_2026 } from './eop-2026.ts';

/** Texts in YAML under the names that stand in them. */
export const BUILT_IN_POLICIES: ReadonlyMap<string, string> = new Map([
  ['eop-2014', EOP_2014],
  ['eop-2018', EOP_2018],
  ['eop-2021', EOP_2021],
  ['eop-2026', EOP_2026],
]);
