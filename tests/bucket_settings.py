"""The settings of an installation that keeps its pictures in a bucket."""


def settings_of(url: str, bucket: str) -> dict[str, str]:
    """The settings of an installation that keeps its pictures there."""
    return {
        "AWS_STORAGE_BUCKET_NAME": bucket,
        "AWS_S3_ENDPOINT_URL": url,
        "AWS_S3_REGION_NAME": "us-east-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
