import { declareSweep } from '../support/simulation/sweep-tests.ts';

declareSweep(1, 2);
