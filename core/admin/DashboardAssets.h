#pragma once

#include <string_view>

namespace carillon::admin
{

/// The files of dashboard/, put into the binary by CMake.
extern const std::string_view dashboardPage;
extern const std::string_view dashboardStyle;
extern const std::string_view dashboardScript;

} // namespace carillon::admin
