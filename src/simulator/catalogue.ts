import * as z from 'zod';

const Location = z.strictObject({
  id: z.int().positive(),
  name: z.string().min(1),
  shortName: z.string().min(1),
  displayName: z.string().min(1),
  countryId: z.int().positive(),
  countryName: z.string().min(1),
  countryShortName: z.string().length(2),
});

const InstanceType = z.strictObject({
  name: z.string().min(1),
  sockets: z.int().positive(),
  cores: z.int().positive(),
  memory: z.int().positive(),
  memoryType: z.string().min(1),
  storage: z.int().positive(),
  storageType: z.string().min(1),
  generationName: z.string().min(1),
  /** Names of the locations that offer it; left out: all of them. */
  locations: z.array(z.string()).optional(),
});

const OperatingSystem = z.strictObject({
  id: z.int().positive(),
  name: z.string().min(1),
  slug: z.string().min(1),
  family: z.enum(['linux', 'talos', 'windows', 'ipxe']),
  available: z.boolean().default(true),
});

/** What can be ordered, and where. */
export const Catalogue = z.strictObject({
  locations: z.array(Location).min(1),
  instanceTypes: z.array(InstanceType).min(1),
  operatingSystems: z.array(OperatingSystem).min(1),
});

export type Catalogue = z.infer<typeof Catalogue>;
export type Location = z.infer<typeof Location>;
export type InstanceType = z.infer<typeof InstanceType>;
export type OperatingSystem = z.infer<typeof OperatingSystem>;

/** Names, ids and hardware that the vendor's pages give as examples; country ids and display names are made up. */
export const DEFAULT_CATALOGUE: Catalogue = {
  locations: [
    {
      id: 18,
      name: 'EU: Rotterdam',
      shortName: 'nlrtm1',
      displayName: 'Rotterdam',
      countryId: 1,
      countryName: 'Netherlands',
      countryShortName: 'NL',
    },
    {
      id: 177,
      name: 'EU: Montreuil 1',
      shortName: 'frmtl1',
      displayName: 'Montreuil',
      countryId: 2,
      countryName: 'France',
      countryShortName: 'FR',
    },
    {
      id: 21,
      name: 'US: Ashburn - VA',
      shortName: 'usqas1',
      displayName: 'Ashburn',
      countryId: 3,
      countryName: 'United States',
      countryShortName: 'US',
    },
    {
      id: 22,
      name: 'US: Dallas - TX',
      shortName: 'usdal1',
      displayName: 'Dallas',
      countryId: 3,
      countryName: 'United States',
      countryShortName: 'US',
    },
    {
      id: 23,
      name: 'JP: Tokyo',
      shortName: 'jptyo1',
      displayName: 'Tokyo',
      countryId: 4,
      countryName: 'Japan',
      countryShortName: 'JP',
    },
    {
      id: 24,
      name: 'HK: Hong Kong',
      shortName: 'hkhkg1',
      displayName: 'Hong Kong',
      countryId: 5,
      countryName: 'Hong Kong',
      countryShortName: 'HK',
    },
  ],
  instanceTypes: [
    {
      name: 'bm7.std.8',
      sockets: 1,
      cores: 8,
      memory: 32,
      memoryType: 'DDR4',
      storage: 960,
      storageType: 'SSD',
      generationName: 'bm7',
    },
    {
      name: 'bm8.std.32',
      sockets: 1,
      cores: 32,
      memory: 128,
      memoryType: 'DDR4',
      storage: 1920,
      storageType: 'SSD',
      generationName: 'bm8',
    },
    {
      name: 'bm9.hmm.32',
      sockets: 1,
      cores: 32,
      memory: 256,
      memoryType: 'DDR5',
      storage: 1920,
      storageType: 'NVMe',
      generationName: 'bm9',
    },
    {
      name: 'bm9.hmm.gpu.4rtx4000.64',
      sockets: 1,
      cores: 64,
      memory: 512,
      memoryType: 'DDR5',
      storage: 3840,
      storageType: 'NVMe',
      generationName: 'bm9',
      locations: ['EU: Rotterdam'],
    },
  ],
  operatingSystems: [
    { id: 1, name: 'Ubuntu 22.04 LTS', slug: 'ubuntu-2204-lts', family: 'linux', available: true },
    { id: 2, name: 'Ubuntu 24.04 LTS', slug: 'ubuntu-2404-lts', family: 'linux', available: true },
    { id: 3, name: 'Debian 12', slug: 'debian-12', family: 'linux', available: true },
    { id: 4, name: 'Talos Omni 1.11.6', slug: 'talos-omni-1116', family: 'talos', available: true },
    { id: 5, name: 'Talos Omni 1.12.3', slug: 'talos-omni-1123', family: 'talos', available: true },
    { id: 6, name: 'Windows Server 2022', slug: 'windows-2022', family: 'windows', available: true },
    { id: 7, name: 'Custom iPXE', slug: 'custom-ipxe', family: 'ipxe', available: true },
    { id: 8, name: 'Ubuntu 18.04 LTS', slug: 'ubuntu-1804-lts', family: 'linux', available: false },
  ],
};

/** The vendor treats names alike that differ in case and blanks only. */
export const normalName = (name: string): string => name.trim().replaceAll(/\s+/g, ' ').toLowerCase();

export const findLocation = (catalogue: Catalogue, name: string): Location | undefined =>
  catalogue.locations.find((location) => normalName(location.name) === normalName(name));

export const findOperatingSystem = (catalogue: Catalogue, slug: string): OperatingSystem | undefined =>
  catalogue.operatingSystems.find((system) => normalName(system.slug) === normalName(slug) && system.available);

export const typesAt = (catalogue: Catalogue, location: Location): readonly InstanceType[] =>
  catalogue.instanceTypes.filter((type) => type.locations === undefined || type.locations.includes(location.name));

export const findTypeAt = (catalogue: Catalogue, location: Location, name: string): InstanceType | undefined =>
  typesAt(catalogue, location).find((type) => normalName(type.name) === normalName(name));

/** The API numbers a type anew at each location. */
export const instanceTypeId = (catalogue: Catalogue, location: Location, type: InstanceType): number =>
  FIRST_TYPE_ID + catalogue.locations.indexOf(location) * TYPES_PER_LOCATION + catalogue.instanceTypes.indexOf(type);

const FIRST_TYPE_ID = 128;
const TYPES_PER_LOCATION = 100;
