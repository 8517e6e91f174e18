#pragma once

#include "admin/Instance.h"
#include "admin/Routes.h"

namespace carillon::admin
{

/// `/api/v1/failed`: lists, shows, retries and removes dead letters, at most `maxPage` a page. What an operator does is audited before it
/// is done. `instance` outlives the routes.
void addFailed(Routes& routes, const Instance& instance, int maxPage);

} // namespace carillon::admin
