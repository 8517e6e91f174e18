#pragma once

/// Marks what the SDK's shared library exports. Plugins are compiled with hidden visibility; without the mark their
/// copies of a class would have a typeinfo of their own, and an exception would pass its handler by.
#define CARILLON_API __attribute__((visibility("default")))
