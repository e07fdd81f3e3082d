/** The generator's part that runs in the client's namespace. Started by generate.ts with a folder and a namespace. */
import { makeDerived } from './derive.ts';
import { openLab } from './lab.ts';
import { stopAll } from './processes.ts';
import { makeQuirks } from './quirks.ts';
import { makeRing } from './ring.ts';
import { makeStory } from './story.ts';

const [directory, server, ...wanted] = process.argv.slice(2);
const lab = openLab(directory, server);

const GROUPS = {
  story: makeStory,
  quirks: makeQuirks,
  ring: makeRing,
  derived: makeDerived,
};

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void stopAll().finally(() => process.exit(1));
  });
}
try {
  for (const [name, make] of Object.entries(GROUPS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    console.log(`-- ${name}`);
    await make(lab);
  }
  lab.writeManifest();
} finally {
  await stopAll();
}
