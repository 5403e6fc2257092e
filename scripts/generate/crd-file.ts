import { dump } from 'js-yaml';

const NOTICE = '# Written by `npm run generate` from src/resources. Change it there.\n';

/** A CRD as the YAML file that is committed. */
export const crdFile = (crd: object): string => NOTICE + dump(crd, { noRefs: true, lineWidth: 120 });
