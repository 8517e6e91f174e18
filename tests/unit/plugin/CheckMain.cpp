#include "plugin/CheckChild.h"

int main(int argc, char** argv) { return carillon::plugin::runPluginCheck(argc, argv); }
