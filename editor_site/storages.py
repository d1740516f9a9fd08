"""Static files: compressed, with a hash in each name, beside the code."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStatic(CompressedManifestStaticFilesStorage):
    """Files that a module imports get hashed names as well."""

    support_js_module_import_aggregation = True
