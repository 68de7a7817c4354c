/**
 * Property tests draw the same cases at every run of `npm test`, so that a red run is red again. `npm run test:explore`
 * draws new ones and more of them: that is where they find what nobody has thought of.
 */
import { configureGlobal } from 'fast-check';

if (process.env.EXPLORE === 'yes') configureGlobal({ numRuns: 1000 });
else configureGlobal({ seed: 20_261_121 });
