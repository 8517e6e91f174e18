#pragma once

// RapidJSON as this folder uses it; for its .cpp files only. A broken precondition throws: its default ends the process in a debug
// build and reads on in a release build.
#include <stdexcept>
#define RAPIDJSON_ASSERT(condition) ((condition) ? static_cast<void>(0) : throw std::logic_error("RapidJSON: " #condition))

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
