#pragma once

#include "admin/Instance.h"
#include "admin/Routes.h"

namespace carillon::admin
{

/// `/api/v1/notifications`: asks for one, shows one. JSON nested deeper than `maxDepth` is refused. `instance` outlives the routes.
void addNotifications(Routes& routes, const Instance& instance, std::size_t maxDepth);

} // namespace carillon::admin
