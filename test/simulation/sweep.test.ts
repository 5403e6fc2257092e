import { declareSweep } from '../support/simulation/sweep-tests.ts';

declareSweep(0, 2);
