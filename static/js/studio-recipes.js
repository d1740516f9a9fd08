// "Run a recipe on the pictures": its form takes along the pictures that the studio's form names.
const studio = document.getElementById("edit-form");

document.getElementById("for-recipe").addEventListener("formdata", ({ formData }) => {
  for (const { value, disabled } of studio.querySelectorAll("[name=picture], [name=source]")) {
    if (value && !disabled) formData.append("picture", value);
  }
});
