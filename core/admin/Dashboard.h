#pragma once

#include "admin/Routes.h"

namespace carillon::admin
{

/// `/` with its style and script: a page without data, which asks for the token and keeps it in memory. Open on this machine, since a
/// browser's first request cannot bring a token; at any other address it needs one, as everything else does.
void addDashboard(Routes& routes);

} // namespace carillon::admin
