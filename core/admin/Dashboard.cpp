#include "admin/Dashboard.h"

#include "admin/DashboardAssets.h"

namespace carillon::admin
{
namespace
{

/// Nothing but our own two files: no inline script, no frame, no form that leaves the page.
constexpr const char* policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'";

void addFile(Routes& routes, const char* path, const char* contentType, std::string_view content)
{
    routes.add("GET", path, Access::Shell,
               {[contentType, content](const Request&, const PathValues&) {
                    return Response{200, contentType, std::string(content), {{"Content-Security-Policy", policy}}};
                },
                {},
                false});
}

} // namespace

void addDashboard(Routes& routes)
{
    addFile(routes, "/", "text/html; charset=utf-8", dashboardPage);
    addFile(routes, "/dashboard.css", "text/css; charset=utf-8", dashboardStyle);
    addFile(routes, "/dashboard.js", "text/javascript; charset=utf-8", dashboardScript);
}

} // namespace carillon::admin
