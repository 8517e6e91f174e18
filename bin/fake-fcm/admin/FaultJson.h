#pragma once

#include "admin/ObjectReader.h"
#include "fcm/FaultPlan.h"

#include <vector>

namespace carillon::fakefcm
{

/// Reads scripts as PUT /faults takes them (docs/fake-fcm.md): an array, one script, or {"faults": […]}.
/// Throws BadRequest that names the place.
std::vector<FaultScript> faultScriptsFromJson(const Json& body);

/// What is left of the scripts.
Json faultPlanToJson(const FaultPlan& plan);

} // namespace carillon::fakefcm
