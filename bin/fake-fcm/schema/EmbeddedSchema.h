#pragma once

#include <string_view>

namespace carillon::fakefcm
{

/// The text of schema/fcm.v1.json, compiled in so that the program runs from anywhere.
std::string_view embeddedSchema();

} // namespace carillon::fakefcm
