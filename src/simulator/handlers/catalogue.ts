import type { Call, Handler } from '../call.ts';
import type { InstanceType, Location } from '../catalogue.ts';
import { instanceTypeId, typesAt } from '../catalogue.ts';
import { ok } from '../replies.ts';

/** GET /v3/flexMetal/location */
export const listLocations: Handler = (call) => ok(call.state.config.catalogue.locations);

/** GET /v3/flexMetal/location/{locationId}/instanceTypes. No 404 is documented, so an unknown location has no types. */
export const listInstanceTypes: Handler = (call) => {
  const { catalogue } = call.state.config;
  const location = catalogue.locations.find(({ id }) => String(id) === call.params.get('locationId'));
  if (location === undefined) return ok([]);
  return ok(typesAt(catalogue, location).map((type) => typeBody(call, location, type)));
};

/** GET /v3/operatingsystem */
export const listOperatingSystems: Handler = (call) =>
  ok(
    call.state.config.catalogue.operatingSystems.map(({ id, name, slug, family, available }) => ({
      id,
      name,
      slug,
      osGroup: family === 'windows' ? 1 : 2,
      isOdp: 1,
      availableForFlexMetal: available ? 1 : 0,
      active: 1,
    })),
  );

/** An instance type as the API shows it at one location. */
export const typeBody = (call: Call, location: Location, type: InstanceType): object => ({
  id: instanceTypeId(call.state.config.catalogue, location, type),
  locationId: location.id,
  name: type.name,
  sockets: type.sockets,
  cores: type.cores,
  memory: type.memory,
  memoryType: type.memoryType,
  storage: type.storage,
  storageType: type.storageType,
  generationName: type.generationName,
});
