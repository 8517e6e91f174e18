#include "schema/Json.h"

#include "schema/JsonReader.h"

namespace carillon::schema
{

void checkJson(std::string_view body, const BodyLimits& limits)
{
    rapidjson::BaseReaderHandler<> nothing;
    readJson(body, limits, "the body", nothing);
}

} // namespace carillon::schema
